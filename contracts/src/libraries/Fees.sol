// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskTarget} from "../types/Task.sol";

/// The least fee of a task: what the computation costs, and twice what settling it costs at this block's base fee.
library Fees {
    /// Measured: 53k where the callback does nothing (contracts/snapshots/gas.json), 7k more for rank 2.
    uint256 internal constant SETTLEMENT_GAS = 60_000;
    /// The floor of EIP-7623; it exceeds calldata (16) + log (8) + copying.
    uint256 internal constant GAS_PER_OUTPUT_BYTE = 40;
    /// The base fee may double between request and settlement: six full blocks in a row (EIP-1559).
    uint256 internal constant BASE_FEE_MULTIPLE = 2;

    /// Prices are those at deployment at this level, twice as high four levels above.
    uint8 internal constant LEVEL_AT_DEPLOYMENT = 32;

    /// @dev In gwei, each part rounded up. Unchecked: targets are within their limits and base fees below 2^128, so that
    /// no part comes near 2^200. Both prices are below 2^64.
    function quote(TaskTarget target, uint256 baseFeeWei, uint256 floorGwei, uint256 computeGweiPerMgas, uint8 level)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 gasLimit = 1 << (16 + uint256(target.gasClass()));
            uint256 computeGwei = (gasLimit * computeGweiPerMgas + 999_999) / 1e6;
            uint256 gas = SETTLEMENT_GAS + target.callbackGas() + GAS_PER_OUTPUT_BYTE * uint256(target.outputCap());
            uint256 settlementGwei = (BASE_FEE_MULTIPLE * baseFeeWei * gas + 1 gwei - 1) / 1 gwei;
            uint256 priceGwei = floorGwei + computeGwei;
            if (level != LEVEL_AT_DEPLOYMENT) priceGwei = _atLevel(priceGwei, level);
            return priceGwei + settlementGwei;
        }
    }

    /// @dev Times 2^((level - 32) / 4), rounded up; `level` is below 64.
    function _atLevel(uint256 priceGwei, uint256 level) private pure returns (uint256) {
        unchecked {
            // 2^(0/4), 2^(1/4), 2^(2/4), 2^(3/4), each times 2^16.
            uint256 quarter = (0x0001ae8a_00016a0a_00013070_00010000 >> (level % 4) * 32) & 0xffffffff;
            uint256 scaled = priceGwei * quarter << level / 4;
            return (scaled + (1 << 24) - 1) >> 24;
        }
    }
}
