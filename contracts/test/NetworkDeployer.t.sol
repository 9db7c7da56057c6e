// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NetworkDeployer} from "../src/deploy/NetworkDeployer.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// Names another part.
contract Naming {
    address public immutable other;

    error Nobody();

    constructor(address other_) {
        if (other_ == address(0)) revert Nobody();
        other = other_;
    }
}

/// Parts that name one another, at addresses that are known before any of them exists.
contract NetworkDeployerTest is Base {
    NetworkDeployer private _deployer = new NetworkDeployer(address(this), "salt");

    function test_create_makesPartsThatNameOneAnother() public {
        (address first, address second) = (_deployer.addressOf(0), _deployer.addressOf(1));
        vm.expectEmit(address(_deployer));
        emit NetworkDeployer.PartCreated(0, first);
        assertEq(_deployer.create(0, _naming(second)), first, "first");
        assertEq(_deployer.create(1, _naming(first)), second, "second");
        assertEq(Naming(first).other(), second, "the first names the second");
        assertEq(Naming(second).other(), first, "the second names the first");
        assertEq(_deployer.made(), 2, "made");
    }

    function test_S24_create_isTheOwnersAlone() public {
        address stranger = account("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(NetworkDeployer.OnlyOwner.selector, stranger));
        _deployer.create(0, _naming(stranger));
    }

    /// A transaction that was sent again after a crash puts nothing in the place of the next part.
    function test_create_makesEachPartOnce_inOrder() public {
        vm.expectRevert(abi.encodeWithSelector(NetworkDeployer.NotNext.selector, 1, 0));
        _deployer.create(1, _naming(address(this)));
        _deployer.create(0, _naming(address(this)));
        vm.expectRevert(abi.encodeWithSelector(NetworkDeployer.NotNext.selector, 0, 1));
        _deployer.create(0, _naming(address(this)));
    }

    function test_create_revertsWithTheConstructorsReason_andMayBeTriedAgain() public {
        address place = _deployer.addressOf(0);
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(Naming.Nobody.selector);
            _deployer.create(0, _naming(address(0)));
        }
        assertEq(_deployer.made(), 0, "made");
        assertEq(_deployer.create(0, _naming(address(this))), place, "at the same address");
    }

    function _naming(address other) private pure returns (bytes memory) {
        return abi.encodePacked(type(Naming).creationCode, abi.encode(other));
    }
}
