"""Files of market data: LOBSTER, MBP-10, trade prints, bar tables; and what finds out which one a file is."""

from .bars import BarsFile
from .detection import MarketData, open_market_data
from .lobster import LobsterFiles
from .mbp10 import Mbp10File
from .trades import PrintsFile

__all__ = ["BarsFile", "LobsterFiles", "MarketData", "Mbp10File", "PrintsFile", "open_market_data"]
