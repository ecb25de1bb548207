"""Find cases by what people remember of them: part of a name, its pinyin initials, a number, a person."""
