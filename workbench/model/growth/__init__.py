"""The market's growth by segment, with the range it may lie in."""

from workbench.model.growth.growth import forecast, forecast_segment

__all__ = ["forecast", "forecast_segment"]
