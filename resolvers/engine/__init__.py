"""Generic GraphQL machinery; knows none of our nouns."""
