"""The language of pages: Chinese, or English for whoever asks for it.

The program speaks Chinese: rules, checks, mails, documents, files and what is stored know no other language. A page is
translated on its way out, text by text, by the catalogue ``translations/en/LC_MESSAGES/messages.po``. What is no text
of the program (names, what people wrote, the words of processes and forms) stays as it is.
"""
