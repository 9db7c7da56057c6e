// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {MAX_CREDIT_GWEI, Seat} from "../src/types/Seat.sol";
import {packTarget, Task, TaskTarget} from "../src/types/Task.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// SETTLEMENT: who may settle what, when, and who is paid. What dApps do to it stands in Callbacks.t.sol.
contract SettlementTest is World {
    bytes private constant OUTPUT = abi.encode(uint256(42));

    function setUp() public override {
        super.setUp();
        startNetwork();
    }

    function test_settle_endsTheTask_paysTheSeat_andCallsTheDapp() public {
        Task memory task = request(user, 0, target(address(dapp)), FEE, FEE + 5);
        skipBlocks(1);
        uint256 id = selectedSeat(task, 0);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        bytes32 taskId = enigma.taskIdOf(task);
        vm.expectEmit(address(enigma));
        emit IEnigmaTasks.TaskSettled(taskId, id, 0, 0, true, OUTPUT);
        vm.prank(account("anyone"));
        enigma.settle(task, 0, 0, OUTPUT, r, vs);

        SlotView memory slot = enigma.slot(user, 0);
        assertTrue(!slot.pending, "free");
        assertEq(slot.seq, 1, "seq");
        assertEq(slot.balanceGwei, 5, "rest");
        assertEq(enigma.seat(id).creditGwei, FEE, "the seat's fee");
        assertEq(dapp.taskId(), taskId, "taskId");
        assertEq(bytes32(dapp.callable()), bytes32(dapp.compute.selector), "callable");
        assertEq(dapp.output(), OUTPUT, "output");
        assertEq(dapp.calls(), 1, "calls");
    }

    function test_settle_addsUpTheCreditOfASeat() public {
        for (uint64 i; i < 3; ++i) {
            Task memory task = request();
            skipBlocks(1);
            settle(task, 0, 0, OUTPUT);
        }
        uint256 credit;
        for (uint256 id; id < 3; ++id) {
            credit += enigma.seat(id).creditGwei;
        }
        assertEq(credit, 3 * FEE, "credit");
    }

    function test_settle_tellsTheDappOfAFailure() public {
        for (uint8 status = 1; status <= 2; ++status) {
            Task memory task = request();
            skipBlocks(1);
            uint256 id = selectedSeat(task, 0);
            (bytes32 r, bytes32 vs) = signed(task, 0, status, "reason");
            vm.expectEmit(address(enigma));
            emit IEnigmaTasks.TaskSettled(enigma.taskIdOf(task), id, 0, status, true, "reason");
            enigma.settle(task, 0, status, "reason", r, vs);
            assertEq(dapp.failure(), status, "status");
            assertEq(dapp.output(), "", "no result");
        }
    }

    /* WINDOWS */

    /// The windows of the ranks open one after the other, and all end where cancelling begins.
    function testFuzz_S1_settle_isOpenToARankInItsWindowOnly(uint8 rank, uint256 age) public {
        rank = uint8(bound(rank, 0, 2));
        age = bound(age, 0, 20);
        Task memory task = request();
        uint256 created = block.number;
        uint256 opens = created + (rank == 0 ? 1 : rank * 4);
        (bytes32 r, bytes32 vs) = signed(task, rank, 0, OUTPUT);
        skipBlocks(age);
        if (age != 0) (r, vs) = signed(task, rank, 0, OUTPUT);

        if (block.number < opens) {
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TooEarly.selector, opens, block.number));
        } else if (age >= 12) {
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TooLate.selector, created + 12, block.number));
        }
        enigma.settle(task, rank, 0, OUTPUT, r, vs);
        if (age < 12) return;
        enigma.cancel(task);
    }

    function test_S1_settle_revertsWhen_thereIsNoSuchRank() public {
        Task memory task = request();
        skipBlocks(5);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidRank.selector, 3));
        enigma.settle(task, 3, 0, OUTPUT, r, vs);
    }

    /* WHO */

    function test_S1_settle_revertsWhen_anotherSeatSigns() public {
        Task memory task = request();
        skipBlocks(1);
        address selected = selectedSigner(task, 0);
        for (uint8 rank = 1; rank < 3; ++rank) {
            (bytes32 r, bytes32 vs) = signed(task, rank, 0, OUTPUT);
            vm.expectRevert(
                abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, selectedSigner(task, rank), selected)
            );
            enigma.settle(task, 0, 0, OUTPUT, r, vs);
        }
    }

    function testFuzz_S1_settle_revertsWhen_aStrangerSigns(uint256 stranger) public {
        stranger = bound(stranger, 1, type(uint128).max);
        Task memory task = request();
        skipBlocks(1);
        address selected = selectedSigner(task, 0);
        vm.assume(vm.addr(stranger) != selected);
        (bytes32 r, bytes32 vs) = vm.signCompact(stranger, receiptDigest(task, 0, OUTPUT));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, vm.addr(stranger), selected));
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
    }

    function test_S1_settle_revertsWhen_thereIsNoSignature() public {
        Task memory task = request();
        skipBlocks(1);
        address selected = selectedSigner(task, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotSelectedSigner.selector, address(0), selected));
        enigma.settle(task, 0, 0, OUTPUT, 0, 0);
    }

    function test_S7_settle_acceptsASeatThatHasLeftSince() public {
        vm.roll(enigma.boundaryBlock(3) - 1); // the last block of epoch 2
        Task memory task = request();
        uint256 id = selectedSeat(task, 2);
        vm.prank(operator);
        enigma.leaveSeat(id);
        skipBlocks(8);
        settle(task, 2, 0, OUTPUT);
        assertEq(enigma.seat(id).creditGwei, FEE, "paid");
    }

    /* WHAT */

    function test_S2_settle_revertsWhen_settledBefore() public {
        Task memory task = request();
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
        bytes32 taskId = enigma.taskIdOf(task);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TaskNotPending.selector, taskId, slotWord(task)));
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
    }

    function test_S22_settle_revertsWhen_cancelledBefore_andCancelWhenSettled() public {
        Task memory task = request();
        skipBlocks(11);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        skipBlocks(1);
        enigma.cancel(task);
        bytes32 taskId = enigma.taskIdOf(task);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TaskNotPending.selector, taskId, slotWord(task)));
        enigma.settle(task, 0, 0, OUTPUT, r, vs);

        task = request();
        skipBlocks(11);
        settle(task, 0, 0, OUTPUT);
        skipBlocks(1);
        taskId = enigma.taskIdOf(task);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.TaskNotPending.selector, taskId, slotWord(task)));
        enigma.cancel(task);
    }

    function test_S2_settle_revertsWhen_theReceiptIsOfAnotherTask() public {
        Task memory task = request();
        Task memory other = request(user, 1, target(address(dapp)), FEE, FEE);
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(other, 0, 0, OUTPUT);
        vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector); // recovers to nobody that anyone knows
        this.settleWith(task, 0, 0, OUTPUT, r, vs);
    }

    /// Chain, contract, name and version stand in the domain: each is changed once.
    function test_S2_settle_revertsWhen_theReceiptIsOfAnotherDomain() public {
        Task memory task = request();
        skipBlocks(1);
        uint256 signerKey = keyOf(selectedSigner(task, 0));
        bytes32 receipt = _receiptHash(task, blockhash(task.terms.createdBlock()), 0);
        bytes32[4] memory domains = [
            _domain("Enigma", "1", block.chainid + 1, address(enigma)),
            _domain("Enigma", "1", block.chainid, address(dapp)),
            _domain("Enigma", "2", block.chainid, address(enigma)),
            _domain("Other", "1", block.chainid, address(enigma))
        ];
        for (uint256 i; i < domains.length; ++i) {
            (bytes32 r, bytes32 vs) =
                vm.signCompact(signerKey, keccak256(abi.encodePacked(hex"1901", domains[i], receipt)));
            vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
            this.settleWith(task, 0, 0, OUTPUT, r, vs);
        }
        bytes32 own = _domain("Enigma", "1", block.chainid, address(enigma));
        (bytes32 goodR, bytes32 goodVs) =
            vm.signCompact(signerKey, keccak256(abi.encodePacked(hex"1901", own, receipt)));
        enigma.settle(task, 0, 0, OUTPUT, goodR, goodVs);
    }

    function test_S12_settle_revertsWhen_theReceiptIsAnchoredInAnotherBlock() public {
        Task memory task = request();
        skipBlocks(2);
        uint256 signerKey = keyOf(selectedSigner(task, 0));
        bytes32[3] memory anchors =
            [bytes32(0), blockhash(task.terms.createdBlock() - 1), blockhash(task.terms.createdBlock() + 1)];
        for (uint256 i; i < anchors.length; ++i) {
            bytes32 receipt = _receiptHash(task, anchors[i], 0);
            (bytes32 r, bytes32 vs) =
                vm.signCompact(signerKey, keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), receipt)));
            vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
            this.settleWith(task, 0, 0, OUTPUT, r, vs);
        }
    }

    function test_settle_revertsWhen_statusOrOutputIsNotTheSignedOne() public {
        Task memory task = request();
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        for (uint8 status = 1; status <= 2; ++status) {
            vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
            this.settleWith(task, 0, status, OUTPUT, r, vs);
        }
        vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
        this.settleWith(task, 0, 0, abi.encode(uint256(43)), r, vs);
        vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
        this.settleWith(task, 0, 0, "", r, vs);
    }

    function test_settle_revertsWhen_thereIsNoSuchStatus() public {
        Task memory task = request();
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 3, OUTPUT);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.InvalidStatus.selector, 3));
        enigma.settle(task, 0, 3, OUTPUT, r, vs);
    }

    function test_settle_revertsWhen_theOutputExceedsItsCap() public {
        Task memory task = request(); // cap 64
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, new bytes(65));
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.OutputTooLong.selector, 65, 64));
        enigma.settle(task, 0, 0, new bytes(65), r, vs);
        settle(task, 0, 0, new bytes(64));
    }

    function testFuzz_S2_settle_revertsWhen_anyBitOfTaskOrSignatureDiffers(uint256 which, uint256 bit) public {
        Task memory task = request();
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        which = bound(which, 0, 6);
        bit = bound(bit, 0, 255);
        if (which == 5) r ^= bytes32(1 << bit);
        else if (which == 6) vs ^= bytes32(1 << bit);
        else _flip(task, which, bit);
        vm.expectRevert();
        this.settleWith(task, 0, 0, OUTPUT, r, vs);
    }

    /// What a relayer gets wrong must cost nobody anything: any output of any length, as the enclave signed it.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_settle_deliversAnyOutput(bytes memory output) public {
        vm.assume(output.length <= 8192);
        Task memory task = request(user, 0, packTarget(address(dapp), 0x01020304, 8_000_000, 8192, 0), 1e9, 1e9);
        skipBlocks(1);
        settle(task, 0, 0, output);
        assertEq(dapp.output(), output, "output");
    }

    /* MONEY */

    /// 48 bits of credit are 281,474 ether. A fee that does not fit must not make its task impossible to settle.
    function test_S22_settle_owesWhatASeatsCreditCannotHold() public {
        Task memory task = request();
        uint256 id = selectedSeat(task, 0);
        bytes32 place = keccak256(abi.encode(id, uint256(1)));
        Seat full = Seat.wrap(uint256(vm.load(address(enigma), place))).withCredit(MAX_CREDIT_GWEI - FEE + 1);
        vm.store(address(enigma), place, bytes32(Seat.unwrap(full)));
        skipBlocks(1);
        settle(task, 0, 0, OUTPUT);
        assertEq(enigma.seat(id).creditGwei, MAX_CREDIT_GWEI - FEE + 1, "credit is as it was");
        assertEq(enigma.owedGwei(operator), FEE, "owed");
        assertEq(enigma.seat(id).signer, full.signer(), "and nothing ran over into the other fields");
    }

    /* HELPERS */

    function settleWith(Task calldata task, uint8 rank, uint8 status, bytes calldata output, bytes32 r, bytes32 vs)
        external
    {
        try enigma.settle(task, rank, status, output, r, vs) {}
        catch (bytes memory reason) {
            // The address that a foreign signature recovers to is of no interest: compare by selector.
            bytes4 selector = bytes4(reason);
            assembly ("memory-safe") {
                mstore(0, selector)
                revert(0, 4)
            }
        }
    }

    function _receiptHash(Task memory task, bytes32 anchor, uint8 status) private view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,bytes32 inputsHash,bytes32 outputHash,uint8 status)"
        );
        bytes32 taskId = enigma.taskIdOf(task);
        return
            keccak256(abi.encode(typeHash, taskId, anchor, task.codeHash, task.inputsHash, keccak256(OUTPUT), status));
    }

    function _domain(string memory name, string memory version, uint256 chainId, address verifyingContract)
        private
        pure
        returns (bytes32)
    {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(
            abi.encode(domainType, keccak256(bytes(name)), keccak256(bytes(version)), chainId, verifyingContract)
        );
    }

    function _flip(Task memory task, uint256 which, uint256 bit) private pure {
        assembly ("memory-safe") {
            let field := add(task, mul(which, 0x20))
            mstore(field, xor(mload(field), shl(bit, 1)))
        }
    }
}
