"""Questions of oversight."""

from lms.oversight.figures import Area, CityFigures, city_figures
from lms.oversight.public import PublicCity, public_figures
from lms.oversight.targets import Progress, Status

__all__ = ["Area", "CityFigures", "Progress", "PublicCity", "Status", "city_figures", "public_figures"]
