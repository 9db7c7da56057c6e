// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedReceipt} from "../../src/interfaces/IEnigmaSeats.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {SecretWorld} from "./SecretWorld.sol";
import {vm} from "./Vm.sol";

/// What happens to a seat between its taking and its end, in the words of the tests.
abstract contract SeatWorld is SecretWorld {
    uint256 internal constant BOND_GWEI = 1e9;
    uint256 internal constant JOIN_FEE_GWEI = 1e7;
    bytes32 internal constant TASK = keccak256("a task");
    bytes32 internal constant ANCHOR = keccak256("its block");

    address internal reporter = account("reporter");

    /* RECEIPTS */

    /// @dev Signed alone, over the common task.
    function receipt(string memory name, bytes memory output) internal view returns (SignedReceipt memory) {
        return receipt(name, TASK, ANCHOR, output);
    }

    function receipt(string memory name, bytes32 taskId, bytes32 anchor, bytes memory output)
        internal
        view
        returns (SignedReceipt memory one)
    {
        one = unsigned(output);
        (one.r, one.vs) =
            vm.signCompact(key(name), Receipts.typedDigest(enigma.domainSeparator(), hashOf(one, taskId, anchor)));
    }

    /// @dev Signed as the second of three.
    function batchReceipt(string memory name, bytes memory output) internal view returns (SignedReceipt memory one) {
        one = unsigned(output);
        one.index = 1;
        one.batch = new bytes32[](3);
        (one.batch[0], one.batch[1], one.batch[2]) =
        (keccak256("before"), hashOf(one, TASK, ANCHOR), keccak256("behind"));
        (one.r, one.vs) = vm.signCompact(key(name), batchDigest(one.batch));
    }

    function unsigned(bytes memory output) internal pure returns (SignedReceipt memory one) {
        one.codeHash = keccak256("code");
        one.inputsHash = keccak256("inputs");
        one.outputHash = keccak256(output);
    }

    /// @dev Written out as EIP-712 says.
    function hashOf(SignedReceipt memory one, bytes32 taskId, bytes32 anchor) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                Receipts.RECEIPT_TYPE_HASH, taskId, anchor, one.codeHash, one.inputsHash, one.outputHash, one.status
            )
        );
    }

    function batchDigest(bytes32[] memory receipts) internal view returns (bytes32) {
        bytes32 list = keccak256(abi.encodePacked(receipts));
        bytes32 batch = keccak256(abi.encode(keccak256("Batch(bytes32[] receipts)"), list));
        return keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), batch));
    }

    /* SEATS */

    /// @dev Two results of one task, told by the reporter.
    function slash(uint256 id, string memory name) internal {
        (SignedReceipt memory a, SignedReceipt memory b) = (receipt(name, "one"), receipt(name, "another"));
        vm.prank(reporter);
        enigma.slash(id, TASK, ANCHOR, a, b);
    }

    function rotate(uint256 from, uint256 reuse, string memory name) internal returns (uint256) {
        uint256 identityBlock = block.number - 1;
        bytes memory quote = abi.encode(attestation(operator, account(name), identityBlock));
        uint256 price = (enigma.seatPriceGwei() - BOND_GWEI) * 1 gwei;
        vm.prank(operator);
        return enigma.rotateSeat{value: price}(from, reuse, account(name), INPUT_KEY, identityBlock, quote, LEAF);
    }

    function renew(uint256 id) internal {
        bytes memory quote = abi.encode(attestation(operator, enigma.seat(id).signer, block.number - 1));
        vm.prank(operator);
        enigma.renewSeat(id, INPUT_KEY, block.number - 1, quote, LEAF);
    }

    function leaveSeat(uint256 id) internal {
        vm.prank(operator);
        enigma.leaveSeat(id);
    }

    function withdraw(uint256 id) internal {
        vm.prank(operator);
        enigma.withdrawSeat(id, payable(operator));
    }

    /// @dev Of all that a seat may hold, the whole balance, and what is owed.
    function requireSolvent() internal view {
        uint256 claimedGwei = enigma.burnedGwei() + enigma.owedGwei(operator) + enigma.owedGwei(user);
        for (uint256 id; id < enigma.seatCount(); ++id) {
            claimedGwei += enigma.seat(id).creditGwei + enigma.seat(id).bondGwei + enigma.seat(id).joinFeeGwei;
        }
        assertEq(address(enigma).balance, claimedGwei * 1 gwei, "S22: balance and claims");
    }
}
