"""常用意见: phrases that a person or a whole office uses again, inserted into opinions by key."""
