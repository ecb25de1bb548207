"""Plans of places: targets 指标 that are only watched, and caps 名额 that are never oversold."""
