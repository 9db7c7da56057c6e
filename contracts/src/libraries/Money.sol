// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats} from "../interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../interfaces/IEnigmaTasks.sol";

/// Wei at the edges, whole gwei inside: 64 bits of gwei hold a hundred times the ether there is.
library Money {
    function toGwei(uint256 weiAmount) internal pure returns (uint256 gweiAmount) {
        unchecked {
            gweiAmount = weiAmount / 1 gwei;
            if (gweiAmount * 1 gwei != weiAmount) revert IEnigmaTasks.NotWholeGwei(weiAmount);
        }
    }

    function toUint64(uint256 amount) internal pure returns (uint64) {
        if (amount > type(uint64).max) revert IEnigmaTasks.AmountTooLarge(amount);
        return uint64(amount);
    }

    /// @dev Exactly the price of a seat was sent with the call.
    function requirePrice(uint256 priceGwei) internal view {
        uint256 sentGwei = toGwei(msg.value);
        if (sentGwei != priceGwei) revert IEnigmaSeats.WrongBond(sentGwei, priceGwei);
    }

    /// @dev The only way out. Callers have booked the amount off, and hold the lock.
    function pay(address payable to, uint256 gweiAmount) internal {
        (bool ok,) = to.call{value: gweiAmount * 1 gwei}("");
        if (!ok) revert IEnigmaTasks.PaymentFailed(to, gweiAmount * 1 gwei);
    }
}
