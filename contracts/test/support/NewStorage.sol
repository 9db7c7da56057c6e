// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @dev Writes to words of `account` that were zero before and were not after: what a chain keeps for good.
function newStorageOf(address account, Vm.AccountAccess[] memory accesses) pure returns (uint256 count) {
    for (uint256 i; i < accesses.length; ++i) {
        Vm.StorageAccess[] memory storages = accesses[i].storageAccesses;
        for (uint256 j; j < storages.length; ++j) {
            Vm.StorageAccess memory one = storages[j];
            bool isWrite = one.account == account && one.isWrite && !one.reverted;
            if (isWrite && one.previousValue == 0 && one.newValue != 0) ++count;
        }
    }
}
