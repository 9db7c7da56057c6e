// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {DcapVerifier} from "../src/attestation/DcapVerifier.sol";
import {BlsBeacon} from "../src/beacon/BlsBeacon.sol";
import {Attestation, IAttestationVerifier} from "../src/interfaces/IAttestationVerifier.sol";
import {SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {EpochView, SlotView} from "../src/interfaces/IEnigmaViews.sol";
import {EPOCHS_KEPT} from "../src/types/Epoch.sol";
import {packTarget, packTerms, Task} from "../src/types/Task.sol";
import {Mixer} from "../../examples/mixer/Mixer.sol";
import {PartsReader} from "./attestation/Parts.sol";
import {MixerWorld} from "./examples/MixerWorld.sol";
import {HostileDapp} from "./support/Dapps.sol";
import {PrivateCalls} from "./support/PrivateCalls.sol";
import {VectorReader} from "./support/Vectors.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// Settles as any relayer may, and reverts with the selector alone: what a foreign signature recovers to is of no interest.
abstract contract Relayer {
    function relay(IEnigma to, Task calldata task, bytes calldata output, bytes32 r, bytes32 vs) external {
        try to.settle(task, 0, 0, output, r, vs) {}
        catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            assembly ("memory-safe") {
                mstore(0, selector)
                revert(0, 4)
            }
        }
    }
}

/**
 * What could be done to the contract of the Enigma Network of 2018 (enigma-contract v0.1.1), in one place: a to m as they are
 * listed in docs/security.md, each tried here and refused. Two of them have contracts of their own below.
 */
contract OriginalTest is World, VectorReader, Relayer {
    bytes private constant OUTPUT = abi.encode(uint256(42));

    function setUp() public override {
        super.setUp();
        startNetwork();
    }

    /// There, any registered worker could commit: the lottery was never run again.
    function test_a_aWorkerThatWasNotSelected_cannotCommit() public {
        Task memory task = request();
        skipBlocks(1);
        for (uint8 rank = 1; rank < 3; ++rank) {
            (bytes32 r, bytes32 vs) = signed(task, rank, 0, OUTPUT);
            vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
            this.relay(enigma, task, OUTPUT, r, vs);
        }
        settle(task, 0, 0, OUTPUT);
    }

    /// There, arguments, code and result were signed, and no task.
    function test_b_aSignature_doesNotServeAnotherTaskWithEqualArgumentsAndCode() public {
        Task memory first = request();
        Task memory second = request(user, 1, target(address(dapp)), FEE, FEE);
        skipBlocks(1);
        assertEq(first.codeHash, second.codeHash, "code");
        assertEq(first.inputsHash, second.inputsHash, "arguments");
        assertEq(selectedSeat(first, 0), selectedSeat(second, 0), "worker");
        (bytes32 r, bytes32 vs) = signed(first, 0, 0, OUTPUT);
        vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
        this.relay(enigma, second, OUTPUT, r, vs);
        enigma.settle(first, 0, 0, OUTPUT, r, vs);
    }

    /// There, the worker brought the call: any function of the dApp, with Enigma as the sender.
    function test_c_theWorker_choosesNoFunctionOfTheDapp() public {
        bytes4 callable = dapp.compute.selector;
        Task memory task = request(user, 0, packTarget(address(dapp), callable, 200_000, 128, 4), FEE, FEE);
        skipBlocks(1);
        bytes memory call = abi.encodeCall(dapp.onEnigmaFailure, (0, callable, 1));
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, call);

        Task memory bent = abi.decode(abi.encode(task), (Task));
        bent.target = packTarget(address(dapp), dapp.onEnigmaFailure.selector, 200_000, 128, 4);
        vm.expectRevert(IEnigmaTasks.TaskNotPending.selector);
        this.relay(enigma, bent, call, r, vs);

        enigma.settle(task, 0, 0, call, r, vs);
        assertEq(dapp.failure(), 0, "not the function that the worker named");
        assertEq(dapp.output(), call, "what it brought is a result like any other: data");
    }

    /// There, the user named the block that his task counted for, and so drew until he liked the worker; so did the worker.
    function test_e_neitherUserNorWorker_choosesTheBlockOfTheLottery() public {
        uint256[2] memory epochs = [uint256(0), 999_999];
        for (uint256 i; i < epochs.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochNotOpen.selector, epochs[i], 2));
            vm.prank(user);
            enigma.requestTask{value: FEE * 1 gwei}(0, target(address(dapp)), FEE, epochs[i], 0, INPUTS);
        }
        Task memory task = request();
        uint256 worker = selectedSeat(task, 0);
        for (uint32 slot = 1; slot < 30; ++slot) {
            skipBlocks(1);
            Task memory other = request(slot < 15 ? user : operator, slot, target(address(dapp)), FEE, FEE + slot);
            assertEq(selectedSeat(other, 0), worker, "one draw, however often one asks");
        }
        task.terms = packTerms(FEE, 0, task.terms.createdBlock() - 1, 2, 0);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        vm.expectRevert(IEnigmaTasks.TaskNotPending.selector);
        this.relay(enigma, task, OUTPUT, r, vs);
    }

    /// There, registering once more set the balance to what was sent along.
    function test_f_registeringAgain_keepsWhatWasEarned() public {
        Task memory task = request();
        skipBlocks(1);
        uint256 id = selectedSeat(task, 0);
        address signer = selectedSigner(task, 0);
        settle(task, 0, 0, OUTPUT);

        uint256 identityBlock = block.number - 1;
        bytes memory quote = abi.encode(attestation(operator, signer, identityBlock));
        vm.prank(operator);
        enigma.renewSeat(id, INPUT_KEY, identityBlock, quote, LEAF);
        SeatView memory seat = enigma.seat(id);
        assertEq(seat.creditGwei, FEE, "credit");
        assertEq(seat.bondGwei, 1e9, "bond");
    }

    /// There, a task without a fee was taken and could never be committed.
    function test_g_aTask_isPaidInFullWhenItIsAsked() public {
        uint64 quoted = enigma.quoteFee(4, 200_000, 64, block.basefee);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeTooLow.selector, 0, quoted));
        vm.prank(user);
        enigma.requestTask(0, target(address(dapp)), 0, 2, 0, INPUTS);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.FeeNotCovered.selector, FEE, FEE - 1));
        vm.prank(user);
        enigma.requestTask{value: (FEE - 1) * 1 gwei}(0, target(address(dapp)), FEE, 2, 0, INPUTS);
    }

    /// There, the principal's signature covered a number and no epoch.
    function test_h_anOldSeed_startsNoOtherEpoch() public {
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.EpochAlreadyStarted.selector, 2));
        enigma.postSeed(2, "proof");
        goToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NotCurrentEpoch.selector, 2, 3));
        enigma.postSeed(2, "proof");

        open("seed");
        goTo("cases", 0);
        vm.chainId(number("chainId"));
        BlsBeacon beacon = new BlsBeacon(addressOf("enigma"), data("publicKey"));
        (uint256 epoch, bytes32 anchor, bytes memory proof) = (number("epoch"), word("anchor"), data("signature"));
        beacon.seed(epoch, anchor, proof);
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch + 1, anchor));
        beacon.seed{gas: 5_000_000}(epoch + 1, anchor, proof);
    }

    /// There, before the first seed, whoever asked was given an empty slot, and the lottery divided by zero.
    function test_i_beforeTheFirstSeed_nobodyIsSelected() public {
        enigma = deploy(parameters());
        takeSeat("alice");
        bytes memory refusal = abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 0);
        vm.expectRevert(refusal);
        enigma.epoch(0);
        vm.expectRevert(refusal);
        enigma.selected(0, address(dapp), 0, 0);
        vm.expectRevert(refusal);
        vm.prank(user);
        enigma.requestTask{value: FEE * 1 gwei}(0, target(address(dapp)), FEE, 0, 0, INPUTS);
    }

    /// There, a slot of the ring kept the old list of workers and grew: three became six, of which three were nobody.
    function test_j_aPlaceOfTheRing_isOneEpochsAlone() public {
        takeSeat("dave");
        startEpoch(2 + EPOCHS_KEPT);
        EpochView memory epoch = enigma.epoch(2 + EPOCHS_KEPT);
        assertEq(epoch.seatCount, 4, "seats");
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 2));
        enigma.epoch(2);
        // The seats' terms are over: nobody is nobody, and no draw is of an address that is zero.
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoLiveSeat.selector, 2 + EPOCHS_KEPT, address(dapp), 0, 0));
        enigma.selected(2 + EPOCHS_KEPT, address(dapp), 0, 0);
    }

    /// There, each commit copied the worker's report from storage: 2.9 kB of it.
    function test_k_settling_costsTheSameWhateverTheQuotesLength() public {
        uint256 short = _gasOfASettlement(0);
        uint256 long = _gasOfASettlement(20_000);
        assertTrue(long < short + 1000, "gas"); // one word of storage read is 2,100
    }

    /// There, the callback came first, and the task was still open to it.
    function test_l_theCallback_findsTheTaskEnded() public {
        HostileDapp hostile = new HostileDapp(enigma);
        Task memory task = request(user, 0, packTarget(address(hostile), 0x01020304, 1_000_000, 64, 4), 1e9, 1e9);
        skipBlocks(1);
        uint256 id = selectedSeat(task, 0);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        hostile.planCall(abi.encodeCall(enigma.settle, (task, 0, 0, OUTPUT, r, vs)), 0);
        enigma.settle(task, 0, 0, OUTPUT, r, vs);
        assertTrue(!hostile.callSucceeded(), "settled once");
        assertEq(hostile.callAnswer(), abi.encodeWithSelector(IEnigmaTasks.Reentered.selector), "why");
        assertEq(enigma.seat(id).creditGwei, 1e9, "paid once");

        task = request(user, 0, packTarget(address(hostile), 0x01020304, 1_000_000, 64, 4), 1e9, 1e9);
        skipBlocks(1);
        hostile.planCall(abi.encodeCall(enigma.slot, (user, 0)), 0);
        settle(task, 0, 0, OUTPUT);
        assertTrue(!abi.decode(hostile.callAnswer(), (SlotView)).pending, "ended before it is told");
    }

    /// @dev Of a network of one seat, whose quote is longer by so many bytes.
    function _gasOfASettlement(uint256 extraBytes) private returns (uint256) {
        vm.roll(GENESIS);
        enigma = deploy(parameters());
        uint256 identityBlock = block.number - 1;
        bytes memory quote = bytes.concat(abi.encode(_aliceAt(identityBlock)), new bytes(extraBytes));
        uint256 price = enigma.seatPriceGwei() * 1 gwei;
        vm.prank(operator);
        enigma.takeSeat{value: price}(0, account("alice"), INPUT_KEY, identityBlock, quote, LEAF);
        startEpoch(2);
        Task memory task = request();
        skipBlocks(1);
        (bytes32 r, bytes32 vs) = signed(task, 0, 0, OUTPUT);
        bytes memory call = abi.encodeCall(enigma.settle, (task, 0, 0, OUTPUT, r, vs));
        uint256 before = gasleft();
        (bool ok,) = address(enigma).call(call);
        uint256 spent = before - gasleft();
        assertTrue(ok, "settled");
        return spent;
    }

    function _aliceAt(uint256 identityBlock) private view returns (Attestation memory) {
        return attestation(operator, account("alice"), identityBlock);
    }
}

/// There, b drained the coin mixer: one signature paid one deal's list out of another deal's 2 ETH.
contract OriginalMixerTest is MixerWorld, Relayer {
    function test_d_aReplayedList_paysNoCoinOfAnotherDeal() public {
        PrivateCalls.install();
        _fill(0);
        _draw(0);
        _fill(1);
        Task memory first = _requestMix();
        bytes memory list = _mixOutput(0);
        (bytes32 r, bytes32 vs) = signed(first, 0, 0, list);
        enigma.settle(first, 0, 0, list, r, vs);
        assertEq(address(mixer).balance, PLACES * COIN, "the other deal's");

        Task memory again = _requestMix();
        assertEq(again.inputsHash, first.inputsHash, "arguments");
        vm.expectRevert(IEnigmaTasks.NotSelectedSigner.selector);
        this.relay(enigma, again, list, r, vs);

        settle(again, 0, 0, list); // as if an enclave had signed it once more: the round is over
        assertEq(address(mixer).balance, PLACES * COIN, "the other deal's");
        assertEq(_destination(0).balance, COIN, "paid once");
    }

    function _requestMix() private returns (Task memory task) {
        uint64 fee = 100_000_000;
        task = request(user, 0, packTarget(address(mixer), Mixer.mix.selector, mixer.mixGas(), 1024, 6), fee, fee);
        skipBlocks(1);
    }
}

/// There, whatever bytes came counted as a worker's report, and a dApp's own check was all there was.
contract OriginalReportTest is PartsReader {
    function test_m_anyBytes_areNoReport() public {
        DcapVerifier verifier = filled();
        verifier.verify(base.quote, base.leaf, 0);
        _refuses(verifier, "");
        _refuses(verifier, "simulation"); // what the original's library took in place of a report
        _refuses(verifier, new bytes(base.quote.length));
        bytes memory forged = base.quote;
        forged[112] ^= 0x01; // another measurement
        _refuses(verifier, forged);
    }

    function _refuses(DcapVerifier verifier, bytes memory quote) private view {
        try verifier.verify(quote, base.leaf, 0) {
            assertTrue(false, "refused");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(IAttestationVerifier.AttestationRefused.selector), "why");
        }
    }
}
