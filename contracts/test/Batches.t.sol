// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaDapp, PrefetchRange} from "../src/interfaces/IEnigmaDapp.sol";
import {IEnigmaTasks, TaskRequest, Undelivered} from "../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {MAX_CREDIT_GWEI, Seat} from "../src/types/Seat.sol";
import {packTarget, Task} from "../src/types/Task.sol";
import {BatchWorld, Part} from "./support/BatchWorld.sol";
import {Mischief, PlainDapp} from "./support/Dapps.sol";
import {vm} from "./support/Vm.sol";

/// SETTLEMENT of many at once: what is passed over, what is refused, and what callbacks may not do. BatchEffects.t.sol has the rest.
contract BatchesTest is BatchWorld {
    /* PASSED OVER */

    function test_S22_settleBatch_passesOver_whatHasEnded_andWhatIsListedTwice() public {
        Part[] memory parts = requested(5);
        settle(parts[1].task, 0, 0, OUTPUT);
        parts[4] = parts[2];
        uint256 id = seatOf(parts);
        uint256 credit = enigma.seat(id).creditGwei;
        uint256 calls = dapp.calls();
        settleBatch(parts);
        assertEq(enigma.seat(id).creditGwei, credit + 3e9, "0, 2 and 3, once each");
        assertEq(dapp.calls(), calls + 3, "calls");
        for (uint32 i; i < 4; ++i) {
            SlotView memory slot = enigma.slot(user, i);
            assertTrue(!slot.pending && slot.seq == 1, "free");
            assertEq(slot.balanceGwei, i, "rest");
        }
        assertTrue(enigma.slot(user, 4).pending, "not listed");
    }

    function test_S1_settleBatch_passesOver_whatIsTooLate_whichIsThenCancelled() public {
        Part[] memory parts = new Part[](2);
        parts[0] = part(request(user, 0, target(address(dapp)), FEE, FEE));
        skipBlocks(1);
        parts[1] = part(request(user, 1, target(address(dapp)), FEE, FEE));
        vm.roll(parts[0].task.terms.createdBlock() + 12);
        settleBatch(parts);
        assertTrue(enigma.slot(user, 0).pending, "too late");
        assertTrue(!enigma.slot(user, 1).pending, "settled");
        enigma.cancel(parts[0].task);
        assertEq(enigma.slot(user, 0).balanceGwei, FEE, "its requester has the fee back");
    }

    function test_S22_settleBatch_revertsWhen_nothingIsLeft() public {
        Part[] memory parts = requested(2);
        settleBatch(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        uint256 id = seatOf(parts);
        vm.expectRevert(IEnigmaTasks.NothingToSettle.selector);
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        vm.expectRevert(IEnigmaTasks.NothingToSettle.selector);
        enigma.settleBatch(id, 0, "", r, vs);
    }

    /// A task is not brought back to life by a batch that was signed for its branch.
    function test_S2_settleBatch_passesOverACancelledTask() public {
        Part[] memory parts = requested(2);
        skipBlocks(11);
        enigma.cancel(parts[0].task);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        vm.expectRevert(IEnigmaTasks.NothingToSettle.selector);
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        assertTrue(enigma.slot(user, 1).pending, "too late as well");
    }

    /* WHO AND WHEN */

    function test_S1_settleBatch_revertsWhen_anotherSignerSigns() public {
        Part[] memory parts = requested(3);
        uint256 id = seatOf(parts);
        address selected = enigma.seat(id).signer;
        bytes32 digest = batchDigest(parts);
        for (uint8 rank = 1; rank < 3; ++rank) {
            address other = selectedSigner(parts[0].task, rank);
            (bytes32 r, bytes32 vs) = vm.signCompact(keyOf(other), digest);
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, other, selected));
            enigma.settleBatch(id, 3, packed(parts), r, vs);
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, address(0), selected));
        enigma.settleBatch(id, 3, packed(parts), 0, 0);
    }

    /// Not even if the other seat's own enclave signs.
    function test_S1_settleBatch_revertsWhen_theSeatWasNotDrawn() public {
        Part[] memory parts = requested(2);
        uint256 drawn = seatOf(parts);
        uint256 id = (drawn + 1) % 3;
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf(enigma.seat(id).signer), batchDigest(parts));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSeat.selector, 0, id, drawn));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSeat.selector, 0, 99, drawn));
        enigma.settleBatch(99, 2, packed(parts), r, vs);
    }

    /// The draw is made once for members that stand together: one of another lottery among them is looked at all the same.
    function test_S1_settleBatch_revertsWhen_oneMemberIsOfAnotherDraw() public {
        Part[] memory parts = requested(3);
        uint256 id = seatOf(parts);
        address elsewhere = address(dapp);
        for (uint256 drawn = id; drawn == id;) {
            elsewhere = address(new PlainDapp());
            (drawn,) = enigma.selected(2, elsewhere, 0, 0);
        }
        (uint256 other,) = enigma.selected(2, elsewhere, 0, 0);
        parts[1] = part(request(user, 9, target(elsewhere), FEE, FEE));
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSeat.selector, 1, id, other));
        enigma.settleBatch(id, 3, packed(parts), r, vs);
    }

    /// A member's rank is not signed: another one than the seat's is another draw, and has another window.
    function test_S1_settleBatch_revertsWhen_aRankIsNotTheSeats_orNotYet() public {
        Part[] memory parts = requested(2);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        uint256 opens = parts[0].task.terms.createdBlock() + 4;
        parts[1].rank = 1;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TooEarly.selector, opens, block.number));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        skipBlocks(8);
        uint256 second = selectedSeat(parts[1].task, 1);
        (r, vs) = signedBatch(parts);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSeat.selector, 1, id, second));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        parts[1].rank = 3;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidRank.selector, 3));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
    }

    function test_S1_settleBatch_revertsWhen_aTaskIsOfThisBlock() public {
        Part[] memory parts = requested(2);
        parts[1] = part(request(user, 9, target(address(dapp)), FEE, FEE));
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TooEarly.selector, block.number + 1, block.number));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
    }

    /* WHAT */

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_S2_settleBatch_revertsWhen_anyBitOfItDiffers(uint256 bit) public {
        Part[] memory parts = requested(3);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        bytes memory members = packed(parts);
        bit = bound(bit, 0, members.length * 8 + 511);
        if (bit < members.length * 8) members[bit / 8] ^= bytes1(uint8(1 << bit % 8));
        else if (bit < members.length * 8 + 256) r ^= bytes32(1 << bit % 256);
        else vs ^= bytes32(1 << bit % 256);
        vm.expectRevert();
        enigma.settleBatch(id, 3, members, r, vs);
    }

    function test_S2_settleBatch_revertsWhen_theOrderIsNotTheSignedOne_orAReceiptWasSignedAlone() public {
        Part[] memory parts = requested(2);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        swap(parts, 0, 1);
        vm.expectRevert(); // recovers to nobody that anyone knows
        enigma.settleBatch(id, 2, packed(parts), r, vs);

        Part[] memory alone = new Part[](1);
        alone[0] = parts[0];
        (r, vs) = signed(parts[0].task, 0, 0, OUTPUT);
        vm.expectRevert();
        enigma.settleBatch(id, 1, packed(alone), r, vs);
        (r, vs) = signedBatch(alone);
        vm.expectRevert();
        enigma.settle(parts[0].task, 0, 0, OUTPUT, r, vs);
        enigma.settleBatch(id, 1, packed(alone), r, vs);
    }

    function test_settleBatch_revertsWhen_bytesAreMissingOrLeft() public {
        Part[] memory parts = requested(2);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        bytes memory members = packed(parts);
        uint256 whole = members.length;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.MalformedBatch.selector, whole + 1, whole));
        enigma.settleBatch(id, 2, bytes.concat(members, hex"00"), r, vs);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.MalformedBatch.selector, whole, whole / 2));
        enigma.settleBatch(id, 1, members, r, vs);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.MalformedBatch.selector, whole, whole + 132));
        enigma.settleBatch(id, 3, members, r, vs);
        for (uint256 length = whole - 1; length > 0; length -= 13) {
            assembly ("memory-safe") {
                mstore(members, length)
            }
            vm.expectRevert(IEnigmaTasks.MalformedBatch.selector);
            this.settleWith(id, 2, members, r, vs);
            if (length < 14) break;
        }
    }

    function test_settleBatch_revertsWhen_thereIsNoSuchStatus_orAnOutputExceedsItsCap() public {
        Part[] memory parts = requested(2);
        uint256 id = seatOf(parts);
        parts[1].status = 3;
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidStatus.selector, 3));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        (parts[1].status, parts[1].output) = (1, new bytes(65));
        (r, vs) = signedBatch(parts);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.OutputTooLong.selector, 65, 64));
        enigma.settleBatch(id, 2, packed(parts), r, vs);
        parts[1].output = new bytes(64);
        settleBatch(parts);
    }

    /* MONEY */

    function test_S22_settleBatch_owesWhatASeatsCreditCannotHold() public {
        Part[] memory parts = requested(3);
        uint256 id = seatOf(parts);
        bytes32 place = keccak256(abi.encode(id, uint256(1)));
        Seat full = Seat.wrap(uint256(vm.load(address(enigma), place))).withCredit(MAX_CREDIT_GWEI - 3e9 + 1);
        vm.store(address(enigma), place, bytes32(Seat.unwrap(full)));
        settleBatch(parts);
        assertEq(enigma.seat(id).creditGwei, MAX_CREDIT_GWEI - 3e9 + 1, "credit is as it was");
        assertEq(enigma.owedGwei(operator), 3e9, "owed");
        assertEq(enigma.seat(id).signer, full.signer(), "and nothing ran over into the other fields");
    }

    function test_S22_requestTasks_revertsWhen_theValueIsNotTheSum_orOneCannotBeTaken() public {
        TaskRequest[] memory requests = new TaskRequest[](2);
        for (uint32 i; i < 2; ++i) {
            requests[i] = TaskRequest(i, FEE, FEE, 2, 0, target(address(dapp)), INPUTS);
        }
        vm.startPrank(user);
        for (uint256 sent = 2 * FEE - 1; sent <= 2 * FEE + 1; sent += 2) {
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.WrongValue.selector, sent, 2 * FEE));
            enigma.requestTasks{value: sent * 1 gwei}(requests);
        }
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotWholeGwei.selector, 2 * FEE * 1 gwei + 1));
        enigma.requestTasks{value: 2 * FEE * 1 gwei + 1}(requests);
        requests[1].slot = 0;
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SlotInUse.selector, user, 0));
        enigma.requestTasks{value: 2 * FEE * 1 gwei}(requests);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.WrongValue.selector, 1, 0));
        enigma.requestTasks{value: 1 gwei}(new TaskRequest[](0));
        vm.stopPrank();
        assertTrue(!enigma.slot(user, 0).pending, "all or none");
    }

    /* CALLBACKS */

    function test_S4_settleBatch_keepsResultsThatWereNotTaken() public {
        hostile.plan(Mischief.Revert);
        Part[] memory parts = requested(3, address(hostile), 100_000);
        settleBatch(parts);
        for (uint32 i; i < 3; ++i) {
            assertTrue(enigma.slot(user, i).undelivered, "undelivered");
            Undelivered memory result = _undeliveredOf(parts[i].task);
            vm.prank(user);
            enigma.abandon(result, keccak256(OUTPUT));
            assertEq(enigma.slot(user, i).balanceGwei, i, "rest");
        }
    }

    /// The callback of the first member meets slots of the others: a failure's is free, a result's is not yet.
    function test_S4_settleBatch_leavesATaskThatACallbackRequestsInAMembersSlot() public {
        CallingDapp calling = new CallingDapp();
        vm.deal(address(calling), 10 ether);
        Part[] memory parts = new Part[](3);
        for (uint32 i; i < 3; ++i) {
            parts[i] = part(request(address(calling), i, packTarget(address(calling), 0, 900_000, 64, 4), 1e9, 1e9));
        }
        parts[1].status = 1;
        skipBlocks(1);
        for (uint32 slot; slot < 3; ++slot) {
            bytes memory call = abi.encodeCall(enigma.requestTask, (slot, target(address(dapp)), FEE, 2, 0, INPUTS));
            calling.plan(address(enigma), call, FEE * 1 gwei);
        }
        settleBatch(parts);
        assertTrue(enigma.slot(address(calling), 0).pending, "its own slot was free");
        assertTrue(enigma.slot(address(calling), 1).pending, "that of a failure as well");
        assertTrue(!enigma.slot(address(calling), 2).pending, "that of a result behind it was not");
        assertEq(enigma.slot(address(calling), 2).seq, 1, "and is free now");
        assertEq(calling.refusals(), 1, "refused");
    }

    function test_S4_settleBatch_doesNotOverwriteItsSeat_whichACallbackLeaves() public {
        CallingDapp calling = new CallingDapp();
        vm.deal(address(calling), 10 ether);
        uint256 id = takeSeat("alice", 0, address(calling)); // her second: she signs for it too
        startEpoch(4);
        Part[] memory parts = new Part[](2);
        address to;
        for (uint256 drawn = id + 1; drawn != id;) {
            to = address(new CallingDapp());
            (drawn,) = enigma.selected(4, to, 0, 0);
        }
        for (uint32 i; i < 2; ++i) {
            parts[i] = part(request(user, i, packTarget(to, 0, 500_000, 64, 4), 1e9, 1e9));
        }
        skipBlocks(1);
        // The operator, whom the dApp asks to.
        bytes memory leaving = abi.encodeCall(enigma.leaveSeat, (id));
        CallingDapp(payable(to)).plan(address(calling), abi.encodeCall(CallingDapp.run, (address(enigma), leaving)), 0);
        settleBatch(parts);
        assertEq(enigma.seat(id).exitEpoch, 6, "left");
        assertEq(enigma.seat(id).creditGwei, 2e9, "and paid");
    }

    /// A grant in a callback pays the donor, who is the seat of the batch.
    function test_S4_settleBatch_doesNotOverwriteItsSeat_whichAGrantPays() public {
        address registry = address(enigma.keyRegistry());
        vm.prank(registry);
        enigma.markSecretFinal();
        uint256 waiting = takeSeat("dave");
        vm.etch(registry, address(new CallingDapp()).code);
        CallingDapp calling = new CallingDapp();
        Part[] memory parts = requested(2, address(calling), 500_000);
        uint256 id = seatOf(parts);
        bytes memory call = abi.encodeCall(enigma.markSeatGranted, (waiting, id));
        calling.plan(registry, abi.encodeCall(CallingDapp.run, (address(enigma), call)), 0);
        settleBatch(parts);
        assertEq(enigma.seat(id).creditGwei, 2e9 + parameters().joinFeeGwei, "both");
    }

    function test_S4_settleBatch_isLockedAgainstReentry_andLocksWhatSettles() public {
        Part[] memory others = requested(2);
        Part[] memory parts = new Part[](1);
        parts[0] = part(request(user, 8, packTarget(address(hostile), 0, 1_000_000, 64, 4), 1e9, 1e9));
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signedBatch(others);
        bytes memory again = abi.encodeCall(enigma.settleBatch, (seatOf(others), 2, packed(others), r, vs));
        hostile.planCall(again, 0);
        settleBatch(parts);
        assertEq(hostile.callAnswer(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
        assertTrue(enigma.slot(user, 0).pending, "the other batch is as it was");
        settleBatch(others);
        assertTrue(!enigma.slot(user, 0).pending, "and settles afterwards");
    }

    /// With whatever gas it is sent: either all callbacks have what their requesters paid for, or nothing happens.
    function testFuzz_S4_settleBatch_givesEachCallbackItsGas_orReverts(uint256 gasSent) public {
        gasSent = bound(gasSent, 100_000, 3_500_000);
        Part[] memory parts = requested(4, address(hostile), 600_000);
        uint256 id = seatOf(parts);
        (bytes32 r, bytes32 vs) = signedBatch(parts);
        bytes memory members = packed(parts);
        try enigma.settleBatch{gas: gasSent}(id, 4, members, r, vs) {
            assertTrue(hostile.gasSeen() > 590_000, "gas of the last callback");
            assertEq(enigma.seat(id).creditGwei, 4e9, "paid");
        } catch {
            assertTrue(enigma.slot(user, 0).pending && enigma.slot(user, 3).pending, "nothing happened");
        }
    }

    /* HELPERS */

    function _undeliveredOf(Task memory task) private view returns (Undelivered memory) {
        return Undelivered(
            enigma.taskIdOf(task),
            task.ref,
            task.target.dApp(),
            task.target.callable(),
            task.terms.restGwei(),
            task.terms.createdBlock()
        );
    }

    function settleWith(uint256 id, uint256 count, bytes calldata members, bytes32 r, bytes32 vs) external {
        try enigma.settleBatch(id, count, members, r, vs) {}
        catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            assembly ("memory-safe") {
                mstore(0, selector)
                revert(0, 4)
            }
        }
    }
}

/// Makes the calls that it was told to, the first time that it is called back; later ones find nothing left to do.
contract CallingDapp is IEnigmaDapp {
    struct Call {
        address to;
        bytes data;
        uint256 value;
    }

    Call[] private _calls;
    uint256 public refusals;

    receive() external payable {}

    function plan(address to, bytes calldata data, uint256 value) external {
        _calls.push(Call(to, data, value));
    }

    /// @dev In its own name.
    function run(address to, bytes calldata data) public {
        (bool ok,) = to.call(data);
        require(ok, "refused");
    }

    function enigmaCallback(bytes4) external pure returns (bytes4) {
        return 0;
    }

    function enigmaPrefetch(bytes4) external pure returns (PrefetchRange[] memory ranges) {}

    function onEnigmaResult(bytes32, bytes4, bytes calldata) external {
        for (uint256 i; i < _calls.length; ++i) {
            (bool ok,) = _calls[i].to.call{value: _calls[i].value}(_calls[i].data);
            if (!ok) ++refusals;
        }
        delete _calls;
    }

    function onEnigmaFailure(bytes32, bytes4, uint8) external {}
}
