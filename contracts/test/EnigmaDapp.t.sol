// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "../src/dapp/EnigmaDapp.sol";
import {packTarget, Task} from "../src/types/Task.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What a dApp inherits: its callbacks are reached through Enigma alone, and only those it named.
contract EnigmaDappTest is World {
    Ledger private ledger;

    function setUp() public override {
        super.setUp();
        startNetwork();
        ledger = new Ledger(enigma);
    }

    function test_onEnigmaResult_callsTheCallbackWithTheReturnValues() public {
        Task memory task = _request(Ledger.compute.selector);
        settle(task, 0, 0, abi.encode(user, uint256(7), "seven"));
        assertEq(ledger.who(), user, "who");
        assertEq(ledger.amount(), 7, "amount");
        assertEq(bytes(ledger.note()), "seven", "note");
    }

    function test_S3_onEnigmaResult_revertsWhen_theFunctionIsNotCallable() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotCallable.selector, Ledger.computed.selector));
        vm.prank(address(enigma));
        ledger.onEnigmaResult(0, Ledger.computed.selector, "");
    }

    function test_S3_callbacks_revertWhen_anyoneElseCalls() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        ledger.computed(user, 7, "");
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, address(ledger)));
        vm.prank(address(ledger));
        ledger.computed(user, 7, ""); // not even itself: a dApp may call what its users choose
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        ledger.onEnigmaResult(0, Ledger.compute.selector, "");
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        ledger.onEnigmaFailure(0, Ledger.compute.selector, 1);
    }

    function test_onEnigmaResult_revertsWithTheCallbacksReason() public {
        vm.expectRevert(abi.encodeWithSelector(Ledger.TooMuch.selector, 1000));
        vm.prank(address(enigma));
        ledger.onEnigmaResult(0, Ledger.compute.selector, abi.encode(user, uint256(1000), ""));
    }

    function test_onEnigmaResult_revertsWhen_theOutputDoesNotDecode() public {
        vm.expectRevert();
        vm.prank(address(enigma));
        ledger.onEnigmaResult(0, Ledger.compute.selector, hex"1234");
    }

    function test_onEnigmaFailure_reachesTheHook() public {
        Task memory task = _request(Ledger.compute.selector);
        settle(task, 0, 2, "");
        assertEq(ledger.failedTask(), enigma.taskIdOf(task), "task");
        assertEq(ledger.failedStatus(), 2, "status");
    }

    function test_S27_requireUnchanged_revertsWhen_whatWasReliedOnChanged() public {
        ledger.relyOn(ledger.version());
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, ledger.version(), bytes32("old")));
        ledger.relyOn("old");
    }

    function test_constructor_revertsWhen_thereIsNoEnigma() public {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotAnEnigma.selector, user));
        new Ledger(IEnigma(user));
    }

    function _request(bytes4 callable) private returns (Task memory task) {
        task = request(user, 0, packTarget(address(ledger), callable, 300_000, 512, 4), FEE, FEE);
        skipBlocks(1);
    }
}

contract Ledger is EnigmaDapp {
    bytes32 public constant version = "version 2";
    address public who;
    uint256 public amount;
    string public note;
    bytes32 public failedTask;
    uint8 public failedStatus;

    error TooMuch(uint256 amount);

    constructor(IEnigma enigma) EnigmaDapp(enigma) {}

    function compute() external view returns (address, uint256, string memory) {
        return (msg.sender, 7, "seven");
    }

    function computed(address who_, uint256 amount_, string calldata note_) external onlyEnigma {
        if (amount_ > 999) revert TooMuch(amount_);
        (who, amount, note) = (who_, amount_, note_);
    }

    function relyOn(bytes32 expected) external pure {
        requireUnchanged(version, expected);
    }

    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.compute.selector ? this.computed.selector : bytes4(0);
    }

    function _onEnigmaFailure(bytes32 taskId, bytes4, uint8 status) internal override {
        (failedTask, failedStatus) = (taskId, status);
    }
}
