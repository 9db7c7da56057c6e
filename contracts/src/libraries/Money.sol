// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../interfaces/IEnigma.sol";

/// Wei at the edges, whole gwei inside: 64 bits of gwei hold a hundred times the ether there is.
library Money {
    function toGwei(uint256 weiAmount) internal pure returns (uint256 gweiAmount) {
        unchecked {
            gweiAmount = weiAmount / 1 gwei;
            if (gweiAmount * 1 gwei != weiAmount) revert IEnigma.NotWholeGwei(weiAmount);
        }
    }

    function toUint64(uint256 amount) internal pure returns (uint64) {
        if (amount > type(uint64).max) revert IEnigma.AmountTooLarge(amount);
        return uint64(amount);
    }

    /// @dev What is left of a balance and the value sent once the fee is taken. Balance and value together must fit 64 bits, so
    /// that cancelling can put fee and rest back.
    function restAfter(uint64 feeGwei, uint64 balanceGwei) internal view returns (uint64) {
        unchecked {
            uint256 availableGwei = balanceGwei + msg.value / 1 gwei;
            uint256 restGwei = availableGwei - feeGwei; // wraps around if the fee is not covered
            // One branch for all that can be wrong; there it is told apart.
            if ((msg.value % 1 gwei) | ((availableGwei | restGwei) >> 64) != 0) _refuse(feeGwei, balanceGwei);
            return uint64(restGwei);
        }
    }

    function _refuse(uint64 feeGwei, uint64 balanceGwei) private view {
        revert IEnigma.FeeNotCovered(feeGwei, toUint64(balanceGwei + toGwei(msg.value)));
    }

    /// @dev Exactly the price of a seat was sent with the call.
    function requirePrice(uint256 priceGwei) internal view {
        uint256 sentGwei = toGwei(msg.value);
        if (sentGwei != priceGwei) revert IEnigma.WrongBond(sentGwei, priceGwei);
    }

    /// @dev The only way out. Callers have booked the amount off, and hold the lock.
    function pay(address payable to, uint256 gweiAmount) internal {
        (bool ok,) = to.call{value: gweiAmount * 1 gwei}("");
        if (!ok) revert IEnigma.PaymentFailed(to, gweiAmount * 1 gwei);
    }
}
