// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {Private} from "../../src/dapp/Private.sol";
import {packTarget, Task} from "../../src/types/Task.sol";
import {IERC20, PrivateToken} from "../../../examples/private-token/PrivateToken.sol";
import {Token} from "../../../examples/voting/Token.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// Sealed balances. The private functions run as the enclave runs them, with stand-ins for its calls.
contract PrivateTokenTest is World {
    bytes32 private constant REPLY_KEY = keccak256("reply key");
    uint256 private constant SUPPLY = 1_000_000;

    Token private token;
    PrivateToken private wrapper;
    address private alice = account("alice");
    address private bob = account("bob");

    function setUp() public override {
        super.setUp();
        startNetwork();
        token = new Token(SUPPLY);
        wrapper = new PrivateToken(enigma, IERC20(address(token)));
        PrivateCalls.install();
    }

    /* TRANSFERS */

    function test_transfer_movesBetweenSealedBalances() public {
        _deposit(alice, 100);
        assertTrue(_transfer(alice, bob, 30), "covered");
        assertEq(_balance(alice), 70, "payer");
        assertEq(_balance(bob), 30, "a first-time receiver");
        assertTrue(_transfer(bob, alice, 30), "covered");
        assertEq(_balance(alice), 100, "back");
        assertEq(_balance(bob), 0, "nothing left");
    }

    function test_transfer_thatIsNotCovered_movesNothing_andTellsOnlyThePayer() public {
        _deposit(alice, 100);
        assertTrue(!_transfer(alice, bob, 101), "not covered");
        assertEq(_balance(alice), 100, "payer");
        assertEq(_balance(bob), 0, "payee");
        assertTrue(_transfer(alice, bob, 100), "to the last");
        assertTrue(!_transfer(alice, bob, 1), "nothing left");
        assertTrue(!_transfer(alice, bob, type(uint256).max), "no overflow");
    }

    /// What the chain sees of a transfer does not depend on whether it is covered: gas of the callback, length, whose accounts.
    function testFuzz_S21_transfer_looksTheSame_coveredOrNot(uint256 balance, uint256 amount, uint256 other) public {
        balance = bound(balance, 0, SUPPLY);
        _deposit(alice, balance);
        (, bytes memory one) = _run(alice, abi.encodeCall(wrapper.transfer, (bob, amount, REPLY_KEY)));
        (, bytes memory two) = _run(alice, abi.encodeCall(wrapper.transfer, (bob, other, REPLY_KEY)));
        assertEq(one.length, two.length, "bytes");
        (PrivateToken.Change memory a, PrivateToken.Change memory b, uint256 takenIn,) = _decode(one);
        (PrivateToken.Change memory c, PrivateToken.Change memory d, uint256 takenInToo,) = _decode(two);
        bytes32 first = keccak256(abi.encode(a.owner, a.before, b.owner, b.before, takenIn));
        bytes32 second = keccak256(abi.encode(c.owner, c.before, d.owner, d.before, takenInToo));
        assertEq(first, second, "what is not sealed");
    }

    function test_transfer_revertsWhen_toNobody_orToOneself() public {
        _deposit(alice, 100);
        address[3] memory nobody = [address(0), address(wrapper), alice];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(PrivateToken.InvalidRecipient.selector, nobody[i]));
            vm.prank(alice);
            wrapper.transfer(nobody[i], 1, REPLY_KEY);
        }
    }

    /* RACES */

    function test_S27_aTransferThatAnotherOvertook_changesNothing() public {
        _deposit(alice, 100);
        _deposit(bob, 100);
        (, bytes memory slow) = _run(alice, abi.encodeCall(wrapper.transfer, (bob, 60, REPLY_KEY)));
        _transfer(bob, alice, 10);
        (PrivateToken.Change memory payer,,,) = _decode(slow);
        bytes32 found = keccak256(wrapper.sealedData(address(wrapper), bytes32(uint256(uint160(alice)))));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, found, payer.before));
        _deliver(PrivateToken.transfer.selector, slow);
        assertEq(_balance(alice), 110, "payer");
        assertEq(_balance(bob), 90, "payee");
    }

    function test_S27_aResultIsNotDeliveredTwice() public {
        _deposit(alice, 100);
        (, bytes memory output) = _run(alice, abi.encodeCall(wrapper.transfer, (bob, 60, REPLY_KEY)));
        _deliver(PrivateToken.transfer.selector, output);
        vm.expectRevert();
        _deliver(PrivateToken.transfer.selector, output);
        assertEq(_balance(alice), 40, "payer");
    }

    function test_aDepositWhileATransferRuns_isTakenInByTheNext() public {
        _deposit(alice, 100);
        (, bytes memory output) = _run(alice, abi.encodeCall(wrapper.transfer, (bob, 60, REPLY_KEY)));
        _deposit(alice, 7);
        _deliver(PrivateToken.transfer.selector, output);
        assertEq(wrapper.deposited(alice), 7, "not yet taken in");
        assertEq(_balance(alice), 47, "but hers");
        assertTrue(_transfer(alice, bob, 47), "and paid with");
    }

    /* PAYING OUT */

    function test_withdraw_paysTheTokenOut() public {
        _deposit(alice, 100);
        uint64 fee = 100_000_000;
        vm.deal(alice, 1 ether);
        Task memory task =
            request(alice, 0, packTarget(address(wrapper), wrapper.withdraw.selector, 300_000, 1024, 6), fee, fee);
        (, bytes memory output) = _run(alice, abi.encodeCall(wrapper.withdraw, (60)));
        skipBlocks(1);
        settle(task, 0, 0, output);
        assertEq(token.balanceOf(alice), 60, "paid");
        assertEq(_balance(alice), 40, "left");
        assertEq(wrapper.totalSupply(), 40, "supply");
    }

    function test_S21_withdraw_refusesMoreThanThereIs_withoutAFigure() public {
        _deposit(alice, 100);
        vm.expectRevert(abi.encodeWithSelector(PrivateToken.BalanceTooLow.selector));
        vm.prank(alice);
        wrapper.withdraw(101);
    }

    function test_receiveWithdrawal_changesNothing_whereTheTokenRefuses() public {
        _deposit(alice, 100);
        (, bytes memory output) = _run(alice, abi.encodeCall(wrapper.withdraw, (60)));
        vm.mockCall(address(token), abi.encodeCall(token.transfer, (alice, 60)), abi.encode(false));
        vm.expectRevert(PrivateToken.TokenRefused.selector);
        _deliver(PrivateToken.withdraw.selector, output);
        assertEq(_balance(alice), 100, "balance");
    }

    /* SECRECY */

    function test_S26_aBalance_isToldToItsOwnerAlone() public {
        _deposit(alice, 100);
        vm.expectRevert(abi.encodeWithSelector(PrivateToken.OnlyOwner.selector, bob));
        vm.prank(bob);
        wrapper.balanceOf(alice, REPLY_KEY);
    }

    function test_balanceOf_isAnsweredToTheKeyThatWasGiven() public {
        _deposit(alice, 100);
        (, bytes memory output) = _run(alice, abi.encodeCall(wrapper.balanceOf, (alice, REPLY_KEY)));
        bytes memory reply = abi.decode(output, (bytes));
        assertEq(abi.decode(PrivateCalls.openReply(REPLY_KEY, reply), (uint256)), 100, "balance");
        _deliver(PrivateToken.balanceOf.selector, output);
    }

    function test_S26_onChain_nothingIsComputed() public {
        _deposit(alice, 100);
        _transfer(alice, bob, 1);
        vm.etch(0x2a73967deea15EE5b41eCdeD5C83D47BF5A248d1, "");
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        vm.prank(alice);
        wrapper.balanceOf(alice, REPLY_KEY);
    }

    function test_S3_callbacks_revertWhen_notFromEnigma() public {
        PrivateToken.Change memory change = PrivateToken.Change(alice, 0, "");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, alice));
        wrapper.receiveTransfer(change, change, 0, "");
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, alice));
        wrapper.receiveWithdrawal(change, 0, 1);
        vm.stopPrank();
    }

    /* MONEY */

    function test_deposit_revertsWhen_notApproved() public {
        vm.expectRevert(abi.encodeWithSelector(Token.AllowanceTooLow.selector, 0, 100));
        vm.prank(alice);
        wrapper.deposit(100);
    }

    function test_deposit_revertsWhen_theTokenRefuses() public {
        vm.mockCall(address(token), abi.encodeCall(token.transferFrom, (alice, address(wrapper), 5)), abi.encode(false));
        vm.expectRevert(PrivateToken.TokenRefused.selector);
        vm.prank(alice);
        wrapper.deposit(5);
    }

    /// Whatever happens in whatever order, results held back and delivered late included: no token is made or lost, and each has
    /// what he was paid.
    function testFuzz_S22_theSupplyIsTheSumOfTheBalances(uint256[24] memory steps) public {
        address[3] memory owners = [alice, bob, user];
        uint256[3] memory expected;
        bytes memory held;
        uint256[4] memory heldTerms;
        for (uint256 i; i < steps.length; ++i) {
            uint256 from = (steps[i] >> 8) % 3;
            uint256 to = (from + 1 + (steps[i] >> 16) % 2) % 3;
            uint256 amount = (steps[i] >> 24) % 1500;
            uint256 kind = steps[i] % 6;
            if (kind == 0) {
                _deposit(owners[from], amount);
                expected[from] += amount;
            } else if (kind == 1) {
                bool isCovered = _transfer(owners[from], owners[to], amount);
                assertTrue(isCovered == (amount <= expected[from]), "covered");
                if (isCovered) (expected[from], expected[to]) = (expected[from] - amount, expected[to] + amount);
            } else if (kind == 2) {
                (bool ok, bytes memory output) = _run(owners[from], abi.encodeCall(wrapper.withdraw, (amount)));
                assertTrue(ok == (amount <= expected[from]), "paid");
                if (ok) {
                    _deliver(PrivateToken.withdraw.selector, output);
                    expected[from] -= amount;
                }
            } else if (kind == 3) {
                (, held) = _run(owners[from], abi.encodeCall(wrapper.transfer, (owners[to], amount, REPLY_KEY)));
                heldTerms = [from, to, amount, amount <= expected[from] ? 1 : 0];
            } else if (kind == 4 && held.length != 0) {
                vm.prank(address(enigma));
                (bool ok,) = address(wrapper)
                    .call(abi.encodeCall(wrapper.onEnigmaResult, (0, PrivateToken.transfer.selector, held)));
                if (ok && heldTerms[3] == 1) {
                    expected[heldTerms[0]] -= heldTerms[2];
                    expected[heldTerms[1]] += heldTerms[2];
                }
            }
            for (uint256 j; j < 3; ++j) {
                assertEq(_balance(owners[j]), expected[j], "balance");
            }
            assertEq(wrapper.totalSupply(), expected[0] + expected[1] + expected[2], "supply");
            assertEq(token.balanceOf(address(wrapper)), wrapper.totalSupply(), "tokens behind it");
        }
    }

    /* HELPERS */

    function _deposit(address owner, uint256 amount) private {
        token.transfer(owner, amount);
        vm.startPrank(owner);
        token.approve(address(wrapper), amount);
        wrapper.deposit(amount);
        vm.stopPrank();
    }

    /// As the enclave runs it: a static call with the requester as sender; each in a block of its own.
    function _run(address requester, bytes memory message) private returns (bool ok, bytes memory output) {
        skipBlocks(1);
        vm.prank(requester);
        (ok, output) = address(wrapper).staticcall(message);
    }

    function _transfer(address from, address to, uint256 amount) private returns (bool) {
        (, bytes memory output) = _run(from, abi.encodeCall(wrapper.transfer, (to, amount, REPLY_KEY)));
        _deliver(PrivateToken.transfer.selector, output);
        (,,, bytes memory reply) = _decode(output);
        return abi.decode(PrivateCalls.openReply(REPLY_KEY, reply), (bool));
    }

    function _balance(address owner) private returns (uint256) {
        vm.prank(owner);
        bytes memory reply = wrapper.balanceOf(owner, REPLY_KEY);
        return abi.decode(PrivateCalls.openReply(REPLY_KEY, reply), (uint256));
    }

    function _deliver(bytes4 callable, bytes memory output) private {
        vm.prank(address(enigma));
        wrapper.onEnigmaResult(0, callable, output);
    }

    function _decode(bytes memory output)
        private
        pure
        returns (PrivateToken.Change memory, PrivateToken.Change memory, uint256, bytes memory)
    {
        return abi.decode(output, (PrivateToken.Change, PrivateToken.Change, uint256, bytes));
    }
}
