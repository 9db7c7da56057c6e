// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "../../src/interfaces/IEnigmaGovernance.sol";
import {IEnigmaTasks} from "../../src/interfaces/IEnigmaTasks.sol";
import {vm} from "../support/Vm.sol";
import {BatchActions} from "./BatchActions.sol";

/// The network is paused, its prices change, code is admitted, and seeds fail to come.
abstract contract GovernanceActions is BatchActions {
    uint256 private constant MOST_ADMITTED = 4;

    uint256 private admitted;

    /// @dev 21: what a pause stops is seen in `request` alone; all other actions expect what they always do.
    function pause(uint256 choice) external recorded {
        bytes memory call = abi.encodeCall(enigma.pause, (block.timestamp + 1 + choice % 40));
        _refused(user, call, IEnigmaGovernance.OnlyGuardian.selector);
        vm.prank(_governor());
        (bool ok,) = address(enigma).call(call);
        assertTrue(ok, "the governor could not pause");
        ++counts["paused"];
    }

    function unpause() external recorded {
        bytes memory call = abi.encodeCall(enigma.unpause, ());
        _refused(user, call, IEnigmaGovernance.OnlyGuardian.selector);
        bool isPaused = enigma.pausedUntil() > block.timestamp;
        if (!isPaused) return _refused(_governor(), call, IEnigmaGovernance.NotPaused.selector);
        vm.prank(_governor());
        enigma.unpause();
        ++counts["unpaused"];
    }

    function setPriceLevel(uint256 level) external recorded {
        bytes memory call = abi.encodeCall(enigma.setPriceLevel, (uint8(bound(level, 24, 40))));
        _refused(_guardian(), call, IEnigmaGovernance.OnlyGovernor.selector);
        vm.prank(_governor());
        (bool ok,) = address(enigma).call(call);
        assertTrue(ok, "the governor could not set the price level");
        ++counts["prices changed"];
    }

    function admitMeasurement(uint256 salt) external recorded {
        bytes memory call = abi.encodeCall(enigma.admitMeasurement, (keccak256(abi.encode("admitted", admitted, salt))));
        _refused(_guardian(), call, IEnigmaGovernance.OnlyGovernor.selector);
        if (admitted == MOST_ADMITTED) return;
        vm.prank(_governor());
        (bool ok, bytes memory answer) = address(enigma).call(call);
        assertTrue(ok, "the governor could not admit");
        assertEq(abi.decode(answer, (uint8)), CODES + admitted++, "the next number");
        ++counts["code admitted"];
    }

    /// @dev The beacon is silent until the cut: from then on it is too late for it.
    function missSeed(uint256 proof) external recorded {
        _enterNextEpoch();
        uint256 cutBlock = enigma.boundaryBlock(enigma.currentEpoch()) + CUT;
        _goTo(cutBlock);
        bytes memory call = abi.encodeCall(enigma.postFallbackSeed, (enigma.currentEpoch()));
        _refused(user, call, IEnigmaTasks.SeedStillDue.selector);
        _goTo(cutBlock + 1 + proof % 4);
        _postSeed(proof);
    }

    function refuseFallback(uint256 dAppChoice, uint256 choice) external recorded {
        (address dApp, bool refuses) = (_dApp(dAppChoice), choice % 2 == 0);
        vm.prank(dApp);
        enigma.refuseFallback(refuses);
        refusesFallback[dApp] = refuses;
        assertTrue(enigma.refusesFallback(dApp) == refuses, "the dApp's own word");
        ++counts["fallbacks allowed or not"];
    }
}
