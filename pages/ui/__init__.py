"""What the pages share: the frame around them, the caches behind them, the widgets and cards on them."""
