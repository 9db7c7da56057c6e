// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {Attestation} from "../../src/interfaces/IAttestationVerifier.sol";
import {SeatView} from "../../src/interfaces/IEnigmaSeats.sol";
import {SlotView} from "../../src/interfaces/IEnigmaViews.sol";
import {Observation, Parameters} from "../../src/types/Parameters.sol";
import {Governance} from "../../src/interfaces/IKeyRegistry.sol";
import {Identity} from "../../src/libraries/Identity.sol";
import {Receipts} from "../../src/libraries/Receipts.sol";
import {packRef, packTarget, packTerms, Task, TaskTarget} from "../../src/types/Task.sol";
import {Base} from "./Base.sol";
import {PlainDapp} from "./Dapps.sol";
import {StubBeacon, StubVerifier} from "./Stubs.sol";
import {vm} from "./Vm.sol";

/// A deployment with seats, and the steps of a task's life in the words of the tests. Beacon and verifier are stubs.
abstract contract World is Base {
    bytes32 internal constant MEASUREMENT = keccak256("measurement");
    bytes32 internal constant OTHER_MEASUREMENT = keccak256("other measurement");
    bytes32 internal constant INPUT_KEY = keccak256("input key");
    bytes internal constant LEAF = "the platform's certificate";
    bytes internal constant INPUTS = "sealed inputs";
    uint64 internal constant FEE = 1_000_000;
    uint256 internal constant GENESIS = 1000;

    StubVerifier internal verifier = new StubVerifier(true);
    IEnigma internal enigma;
    PlainDapp internal dapp;
    address internal operator = account("operator");
    address internal user = account("user");

    function setUp() public virtual {
        vm.roll(GENESIS);
        vm.warp(1_800_000_000);
        vm.fee(1 gwei);
        enigma = deploy(parameters());
        dapp = new PlainDapp();
        vm.deal(operator, 1000 ether);
        vm.deal(user, 1000 ether);
    }

    function parameters() internal pure virtual returns (Parameters memory) {
        return Parameters({
            epochBlocks: 60,
            windowBlocks: 4,
            graceBlocks: 10,
            cutBlocks: 32,
            coolEpochs: 2,
            lifeEpochs: 20,
            secondsPerEpoch: 60,
            collateralGraceSeconds: 86_400,
            seatsPerPlatform: 5,
            bondGwei: 1e9,
            floorGwei: 10_000,
            computeGweiPerMgas: 1000,
            joinFeeGwei: 1e7
        });
    }

    function governance() internal pure returns (Governance memory) {
        return Governance({governor: account("governor"), guardian: account("guardian")});
    }

    function observation() internal pure returns (Observation memory) {
        address[] memory observers = new address[](1);
        observers[0] = account("observer");
        return Observation({observers: observers, threshold: 1, depth: 0});
    }

    function measurements() internal pure virtual returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (MEASUREMENT, OTHER_MEASUREMENT);
    }

    function deploy(Parameters memory p) internal returns (IEnigma) {
        // By its artifact: within each test contract it would exceed the size that code may have.
        address seats = vm.deployCode("EnigmaSeats.sol:EnigmaSeats", abi.encode(p, true));
        bytes memory arguments =
            abi.encode(seats, observation(), new StubBeacon(), verifier, measurements(), governance());
        return IEnigma(vm.deployCode("Enigma.sol:Enigma", arguments));
    }

    /* SEATS */

    function takeSeat(string memory name) internal returns (uint256) {
        return takeSeat(name, 0, operator);
    }

    function takeSeat(string memory name, uint256 reuse, address by) internal returns (uint256) {
        uint256 identityBlock = block.number - 1;
        bytes memory quote = abi.encode(attestation(by, account(name), identityBlock));
        uint256 price = enigma.seatPriceGwei() * 1 gwei;
        vm.prank(by);
        return enigma.takeSeat{value: price}(reuse, account(name), INPUT_KEY, identityBlock, quote, LEAF);
    }

    function attestation(address by, address signer, uint256 identityBlock) internal view returns (Attestation memory) {
        return Attestation({
            measurement: measurementOf(signer),
            identity: Identity.hash(enigma.networkHash(), by, signer, INPUT_KEY, identityBlock),
            freshness: blockhash(identityBlock),
            platformId: keccak256(abi.encode(machineOf(signer))),
            platformHash: keccak256(recordOf(machineOf(signer))),
            collateralUntil: uint64(block.timestamp + 30 days),
            certificateUntil: uint64(block.timestamp + 3650 days)
        });
    }

    /// @dev Which code a signer is, unless a test says otherwise.
    function measurementOf(address) internal view virtual returns (bytes32) {
        return MEASUREMENT;
    }

    /// @dev Each signer runs on a machine of its own, unless a test says otherwise.
    function machineOf(address signer) internal view virtual returns (uint256) {
        return uint160(signer);
    }

    function recordOf(uint256 machine) internal pure returns (bytes memory) {
        return abi.encode(machine, 0, 0, 0, 0, 0);
    }

    /// @dev Three seats of three signers, live, in an epoch that has started.
    function startNetwork() internal {
        takeSeat("alice");
        takeSeat("bob");
        takeSeat("carol");
        startEpoch(2);
    }

    /* EPOCHS */

    /// @dev Goes to the block after the boundary of `epoch`, and posts its seed.
    function startEpoch(uint256 epoch) internal {
        goToEpoch(epoch);
        enigma.postSeed(epoch, "proof");
    }

    function goToEpoch(uint256 epoch) internal {
        vm.roll(enigma.boundaryBlock(epoch) + 1);
    }

    function skipBlocks(uint256 blocks) internal {
        vm.roll(block.number + blocks);
    }

    /* TASKS */

    function target(address to) internal pure returns (TaskTarget) {
        return packTarget(to, PlainDapp.compute.selector, 200_000, 64, 4);
    }

    function request() internal returns (Task memory) {
        return request(user, 0, target(address(dapp)), FEE, FEE);
    }

    function request(address by, uint32 slot, TaskTarget to, uint64 feeGwei, uint256 sentGwei)
        internal
        returns (Task memory task)
    {
        uint256 epoch = enigma.currentEpoch();
        SlotView memory held = enigma.slot(by, slot);
        uint256 lane = enigma.laneOf(by, slot, held.seq, to.dApp(), epoch);
        uint64 restGwei = uint64(held.balanceGwei + sentGwei - feeGwei);
        task = Task({
            ref: packRef(by, slot, held.seq),
            target: to,
            terms: packTerms(feeGwei, restGwei, block.number, epoch, lane),
            codeHash: to.dApp().codehash,
            inputsHash: keccak256(INPUTS)
        });
        vm.prank(by);
        bytes32 taskId = enigma.requestTask{value: sentGwei * 1 gwei}(slot, to, feeGwei, epoch, lane, INPUTS);
        assertEq(taskId, enigma.taskIdOf(task), "taskId");
    }

    /* SETTLEMENT */

    function settle(Task memory task, uint8 rank, uint8 status, bytes memory output) internal {
        (bytes32 r, bytes32 vs) = signed(task, rank, status, output);
        enigma.settle(task, rank, status, output, r, vs);
    }

    /// @dev The receipt that the enclave of this rank signs.
    function signed(Task memory task, uint8 rank, uint8 status, bytes memory output)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        return vm.signCompact(keyOf(selectedSigner(task, rank)), receiptDigest(task, status, output));
    }

    function selectedSigner(Task memory task, uint8 rank) internal view returns (address signer) {
        (, signer) = enigma.selected(task.terms.epoch(), task.target.dApp(), task.terms.lane(), rank);
    }

    function selectedSeat(Task memory task, uint8 rank) internal view returns (uint256 id) {
        (id,) = enigma.selected(task.terms.epoch(), task.target.dApp(), task.terms.lane(), rank);
    }

    function keyOf(address signer) internal pure virtual returns (uint256) {
        string[3] memory names = ["alice", "bob", "carol"];
        for (uint256 i; i < names.length; ++i) {
            if (account(names[i]) == signer) return key(names[i]);
        }
        revert("nobody's address");
    }

    /// @dev Written out as EIP-712 says, so that it does not agree with the contract by being the same code.
    function receiptDigest(Task memory task, uint8 status, bytes memory output) internal view returns (bytes32) {
        bytes32 receipt = keccak256(
            abi.encode(
                Receipts.RECEIPT_TYPE_HASH,
                enigma.taskIdOf(task),
                blockhash(task.terms.createdBlock()),
                task.codeHash,
                task.inputsHash,
                keccak256(output),
                status
            )
        );
        return keccak256(abi.encodePacked(hex"1901", enigma.domainSeparator(), receipt));
    }

    function slotWord(Task memory task) internal view returns (bytes32) {
        bytes32 outer = keccak256(abi.encode(task.ref.requester(), uint256(0)));
        return vm.load(address(enigma), keccak256(abi.encode(uint256(task.ref.slot()), outer)));
    }
}
