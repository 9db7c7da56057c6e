// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Task, TaskRef, TaskTarget, TaskTerms} from "../types/Task.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IBeacon} from "./IBeacon.sol";
import {IKeyRegistry} from "./IKeyRegistry.sol";

/// @notice What a deployment fixes for ever. Blocks, epochs and seconds as named; money in gwei.
struct Parameters {
    /// Blocks in an epoch (LEN). At least depth + 2.
    uint32 epochBlocks;
    /// Blocks that a rank has for itself before the next one may settle too (W); rank 0 has one and `depth` fewer, because a task
    /// cannot be settled in its own block, nor before observers vouch for that. At least depth + 2; three windows stay below 128.
    uint32 windowBlocks;
    /// Blocks after a boundary in which a task may still name the epoch before (GRACE).
    uint32 graceBlocks;
    /// Epochs after its exit before a seat's bond leaves and the seat may be taken by somebody else (COOL).
    uint24 coolEpochs;
    /// Epochs that one quote is good for, counted from the current one (LIFE).
    uint24 lifeEpochs;
    /// The most seconds that an epoch lasts; turns collateral's expiry into an epoch that does not lie after it.
    uint32 secondsPerEpoch;
    /// Seconds that a seat outlives its collateral (COLLATERAL_GRACE).
    uint32 collateralGraceSeconds;
    /// Live seats that one machine may hold, 1 to 10.
    uint8 seatsPerPlatform;
    /// Bond of one seat.
    uint56 bondGwei;
    /// Least fee of any task.
    uint64 floorGwei;
    /// Price of a million gas of private computation.
    uint64 computeGweiPerMgas;
    /// What a new seat pays to the seat that hands it the network secret, once there is one.
    uint56 joinFeeGwei;
}

/// @notice Whose word a network's enclaves take for what is a block of this chain. Part of `networkHash`, and of every quote with it.
struct Observation {
    /// 1 to 32, strictly ascending.
    address[] observers;
    /// How many of them must have signed for a header (t).
    uint16 threshold;
    /// Blocks that must stand on a block before observers sign for it; 0 only where the chain never reorganises.
    uint16 depth;
}

/// @notice A seat in the lottery, unpacked.
struct SeatView {
    address signer;
    address operator;
    uint256 activeEpoch;
    uint256 exitEpoch;
    uint8 measurementId;
    uint256 creditGwei;
    uint256 bondGwei;
    /// Escrowed for the seat that grants it the network secret. Until then `activeEpoch` is 2^20 - 1, which no seat reaches.
    uint256 joinFeeGwei;
    /// Block whose `SeatTaken` or `SeatRenewed` carries the seat's latest quote and input key.
    uint256 quoteBlock;
    /// keccak256 of the record of the platform that vouched for it.
    bytes32 platformHash;
    /// Block whose `SeatTaken` or `SeatRenewed` carries that platform's certificate: the latest of this seat that carries one.
    uint256 leafBlock;
    /// Low 24 bits of the platform's id: seats whose tags differ are on different machines.
    uint24 platformTag;
}

/// @notice An epoch, unpacked.
struct EpochView {
    /// 176 bits.
    uint256 seed;
    bool isFallback;
    /// Seats that existed before the boundary block (T); the lottery draws among these.
    uint256 seatCount;
    uint32 revokedMask;
}

/// @notice A requester's slot, unpacked.
struct SlotView {
    bool pending;
    /// Low 254 bits of the pending task's id; 0 if free.
    uint256 taskIdBits;
    /// Number of the next task in this slot; 0 if pending.
    uint64 seq;
    /// What the slot holds for the next task; 0 if pending (it then stands in the task's `rest`).
    uint64 balanceGwei;
}

/**
 * @title The Enigma contract
 * @notice Registers workers by their hardware quote, keeps each epoch's seed, takes tasks with their fee, and settles
 * results that the selected worker's enclave signed. This interface is the manual; the implementation is `Enigma.sol`.
 *
 * Money is native ETH in whole gwei. Every wei that came in through a function is in exactly one of: a slot's balance, a
 * pending task's fee and rest, a seat's credit, a seat's bond, its join fee, an operator's `owedGwei`.
 *
 * Two accounts may do what nobody else may, and none of it moves money: the guardian revokes measurements and freezes joins,
 * the governor does so too and looks after generations of the network secret (IKeyRegistry). Either may be zero: nobody.
 */
interface IEnigma {
    /* EVENTS */

    /// @notice Said once, at deployment, in `genesisBlock`: the observers in the order in which `networkHash` has them.
    event ObserversSet(address[] observers, uint256 threshold, uint256 depth, uint256 serial);
    /// @notice A seat was taken. `quote` carries the enclave's word for `signer` and `inputKey`.
    /// @param activeEpoch 2^20 - 1 while it waits for the network secret: see `SeatActivated`.
    /// @param identityBlock The block number bound in the quote's report_data.
    /// @param evidence What vouches for the quote's platform: its certificate, or its record if that was known already.
    event SeatTaken(
        uint256 indexed seat,
        address indexed signer,
        address indexed operator,
        bytes32 inputKey,
        uint256 activeEpoch,
        uint256 exitEpoch,
        uint8 measurementId,
        uint256 identityBlock,
        bytes quote,
        bytes evidence
    );
    /// @notice A seat showed a fresh quote, with a new input key, and may stay until `exitEpoch`.
    event SeatRenewed(
        uint256 indexed seat,
        address indexed signer,
        address indexed operator,
        bytes32 inputKey,
        uint256 exitEpoch,
        uint256 identityBlock,
        bytes quote,
        bytes evidence
    );
    /// @notice A seat that waited for the network secret was given it, and takes part from `activeEpoch` on.
    event SeatActivated(uint256 indexed seat, uint256 activeEpoch);
    /// @notice From now on no seat of this code takes part in an epoch, nor settles a task drawn before, nor is any taken.
    event MeasurementRevoked(uint8 indexed id, bytes32 measurement);
    /// @notice A seat takes part in no epoch from `exitEpoch` on.
    event SeatLeft(uint256 indexed seat, uint256 exitEpoch);
    /// @notice A seat's platform no longer stands as it must. Revoked: it is out at once, of pending tasks too. Else it takes part
    /// in no epoch from `exitEpoch` on. Its cool-down counts from `exitEpoch`.
    event SeatEnded(uint256 indexed seat, uint256 exitEpoch, bool revoked);
    /// @notice A seat's fees and, after its cool-down, its bond were paid out. A join fee that no grant earned is in `bondGwei`.
    event SeatWithdrawn(uint256 indexed seat, address indexed to, uint256 creditGwei, uint256 bondGwei);
    /// @notice What stood in `owedGwei` was paid out.
    event OwedWithdrawn(address indexed operator, address indexed to, uint256 gweiPaid);
    /// @notice The lottery of `epoch` is drawn from `seed` among the first `seatCount` seats: those that existed
    /// before its boundary block.
    event EpochStarted(uint256 indexed epoch, uint256 seed, uint256 seatCount, bytes32 anchor);
    /// @notice A dApp's tasks spread over `lanes` lotteries from `fromEpoch` on.
    event LanesSet(address indexed dApp, uint16 lanes, uint256 fromEpoch);
    /// @notice A task is pending. With `keccak256(inputs)` as `inputsHash`, these fields are the `Task`.
    event TaskRequested(
        bytes32 indexed taskId,
        address indexed dApp,
        TaskRef ref,
        TaskTarget target,
        TaskTerms terms,
        bytes32 codeHash,
        bytes inputs
    );
    /// @notice A task ended with a receipt of its selected worker.
    /// @param status 0 result, 1 failed, 2 not opened.
    /// @param delivered Whether the dApp's callback succeeded; for a failure, whether it heard of it.
    event TaskSettled(
        bytes32 indexed taskId, uint256 indexed seat, uint8 rank, uint8 status, bool delivered, bytes output
    );
    /// @notice A task that nobody served ended; its fee is back in the requester's slot.
    event TaskCancelled(bytes32 indexed taskId);
    /// @notice A slot's balance grew.
    event SlotFunded(address indexed requester, uint32 indexed slot, uint256 gweiAdded);
    /// @notice A slot's balance was paid out to its requester.
    event SlotWithdrawn(address indexed requester, uint32 indexed slot, uint256 gweiPaid);

    /* ERRORS, with the values found and, where one was expected, that */

    /// @notice The constructor was given something that the contract could not live with.
    error InvalidParameters(string reason);
    /// @notice Money is kept in gwei: anything finer would be lost.
    error NotWholeGwei(uint256 weiAmount);
    /// @notice More than the field holds: 64 bits of gwei, or a base fee of 128 bits.
    error AmountTooLarge(uint256 amount);
    /// @notice Nothing stands to the caller's credit; a bond only after the seat's cool-down.
    error NothingToWithdraw();
    /// @notice The recipient refused the payment. Nothing was booked off.
    error PaymentFailed(address to, uint256 weiAmount);
    /// @notice Called from within a callback or a payment. `requestTask` may be; what settles, cancels, pays out or
    /// renews a seat may not.
    error Reentered();

    /// @notice Send exactly `seatPriceGwei`.
    error WrongBond(uint256 sentGwei, uint256 priceGwei);
    /// @notice The quote is of code that this network does not admit.
    error UnknownMeasurement(bytes32 measurement);
    /// @notice There is no measurement with this id.
    error UnknownMeasurementId(uint256 id);
    /// @notice The measurement is revoked: its code takes no seat and renews none.
    error RevokedMeasurement(uint256 id);
    /// @notice Only the guardian or the governor.
    error OnlyGuardian(address caller);
    error OnlyKeyRegistry(address caller);
    /// @notice A seat keeps its signer and its measurement: other code takes another seat.
    error WrongMeasurement(uint256 found, uint256 expected);
    /// @notice The quote vouches for another identity: compare network, operator, signer, input key and block.
    error WrongIdentity(bytes32 found, bytes32 expected);
    /// @notice The block named in the quote is older than 256 blocks, not mined yet, or of another branch.
    error StaleQuote(uint256 identityBlock, uint256 currentBlock);
    /// @notice The collateral or a certificate behind the quote has expired: bring fresh collateral to the verifier.
    error CollateralExpired(uint256 validUntil, uint256 timestamp);
    /// @notice The machine holds as many live seats as it may. A seat counts from its take until its exit.
    error PlatformFull(bytes32 platformId, uint256 limit);
    /// @notice The collateral or a certificate expires before the seat would become active.
    error NeverLive(uint256 activeEpoch, uint256 exitEpoch);
    error ZeroSigner();
    error ZeroInputKey();
    error UnknownSeat(uint256 seat);
    /// @notice This seat's cool-down is over: pass 1 + `seat` as `reuse` instead of appending another.
    error ReuseSeat(uint256 seat);
    /// @notice The seat's cool-down is not over.
    error SeatStillHeld(uint256 seat, uint256 freeFromEpoch, uint256 currentEpoch);
    /// @notice The seat ends before the current epoch + 2 already, so that it can neither be renewed nor leave, and there is
    /// nothing left for a recheck to end.
    error SeatNotLive(uint256 seat, uint256 exitEpoch, uint256 currentEpoch);
    /// @notice This is not the record of the platform that vouched for the seat.
    error WrongRecord(bytes32 found, bytes32 expected);
    /// @notice The seat's platform stands as it must: nothing to end.
    error PlatformGood(uint256 seat);
    error NotOperator(address caller, address operator);

    /// @notice Only the current epoch can be started.
    error NotCurrentEpoch(uint256 epoch, uint256 currentEpoch);
    error EpochAlreadyStarted(uint256 epoch);
    /// @notice The boundary block's hash exists only in the blocks after it.
    error BoundaryNotMined(uint256 boundaryBlock);
    /// @notice The boundary block lies more than 8,191 blocks back (EIP-2935), or 256 where the chain has no history contract.
    error AnchorUnavailable(uint256 boundaryBlock);
    /// @notice No seat existed when the epoch began: there is nothing to draw from.
    error NoSeats(uint256 epoch);
    /// @notice The epoch was not started, or is more than 31 epochs old.
    error SeedNotPosted(uint256 epoch);
    /// @notice 64 draws met no live seat for this rank.
    error NoLiveSeat(uint256 epoch, address dApp, uint256 lane, uint256 rank);
    error InvalidLanes(uint256 lanes);
    /// @notice One change at a time: the last one must have been in force for a whole epoch.
    error LanesChanging(uint256 fromEpoch, uint256 currentEpoch);

    /// @notice The slot holds a pending task: take another one, or wait.
    error SlotInUse(address requester, uint32 slot);
    /// @notice Neither the current epoch nor, within GRACE blocks of its boundary, the one before.
    error EpochNotOpen(uint256 epoch, uint256 currentEpoch);
    /// @notice Seal to the ranks of the lane that `laneOf` gives.
    error WrongLane(uint256 lane, uint256 expected);
    error NotAContract(address dApp);
    error FeeTooLow(uint256 feeGwei, uint256 quotedGwei);
    /// @notice The slot's balance and the value sent are less than the fee.
    error FeeNotCovered(uint256 feeGwei, uint256 availableGwei);
    error InputsTooLong(uint256 length, uint256 limit);
    /// @notice callbackGas above 8,000,000, outputCap above 8,192, gasClass above 12, or the high byte not zero.
    error InvalidTarget(TaskTarget target);

    /// @notice The slot holds no such task: it has ended, a field differs from the event's, or a reorganisation took it away.
    error TaskNotPending(bytes32 taskId, uint256 slotWord);
    error InvalidRank(uint256 rank);
    error InvalidStatus(uint256 status);
    error TooEarly(uint256 opensAtBlock, uint256 currentBlock);
    /// @notice The last window is over: the task can only be cancelled.
    error TooLate(uint256 closedAtBlock, uint256 currentBlock);
    error OutputTooLong(uint256 length, uint256 cap);
    /// @notice Either another signer, or the signature is over another receipt: task, anchor, code, inputs, output and status count.
    error NotSelectedSigner(address recovered, address selected);
    /// @notice The dApp's callback could not be given the gas that its requester paid for.
    error NotEnoughGas(uint256 available, uint256 needed);

    /* SEATS */

    /**
     * @notice Takes a seat for the enclave that `quote` vouches for; the caller becomes its operator. Live from the current epoch + 2;
     * once the network has a secret, from the epoch of its first grant + 2 (`IKeyRegistry.grantKey`).
     * @dev report_data of the quote must be `keccak256(abi.encode(keccak256("enigma.worker.v1"), networkHash, operator, signer,
     * inputKey, identityBlock)) ‖ blockhash(identityBlock)`, the block being one of the last 256. Send exactly `seatPriceGwei`.
     * @param reuse 1 + a seat whose cool-down is over, or 0 to append one. Reusing is cheaper and keeps the lottery dense.
     * @param signer The enclave's secp256k1 address.
     * @param inputKey The enclave's X25519 public key.
     * @param identityBlock See above.
     * @param quote The DCAP quote, without its certification data.
     * @param evidence The platform's PCK certificate in DER; or, 192 bytes, its record, if it is that of the seat that is reused.
     * @return seat The index of the seat.
     */
    function takeSeat(
        uint256 reuse,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external payable returns (uint256 seat);

    /// @notice Shows a fresh quote of the same signer with a new input key, and extends the seat; never shortens it. `evidence` is the
    /// platform's certificate or, cheaper, its record.
    function renewSeat(
        uint256 seat,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external;

    /// @notice Ends the seat's part in epochs from the current + 2 on. Tasks drawn before may still be settled.
    function leaveSeat(uint256 seat) external;

    /**
     * @notice Has the seat's platform judged by the collateral of now; anyone may. Revoked: the seat is out at once, and no task drawn
     * on it is settled by it any more; the ranks behind move up. Below the policy: it ends with the current epoch + 1. Reverts if
     * the platform stands as it must. The bond leaves after the cool-down, as ever.
     * @param record The platform's record: its hash is the seat's `platformHash`.
     */
    function recheck(uint256 seat, bytes calldata record) external;

    /// @notice Pays the seat's credit to `to`, and its bond once `exit + COOL` has come, with a join fee that no grant earned. Only
    /// its operator.
    function withdrawSeat(uint256 seat, address payable to) external;

    /// @notice Pays to `to` what seats that others have since taken still owed to the caller.
    function withdrawOwed(address payable to) external;

    /// @notice Ends at once what seats of this code may do, in epochs that have begun too: the ranks behind move up. For good. The
    /// guardian or the governor. Bonds leave after the cool-down, as ever.
    function revokeMeasurement(uint8 id) external;

    /// @notice Only the key registry: the seat was given the network secret. If it waited for that, it is live from the current
    /// epoch + 2, and its join fee is the donor's.
    function markSeatGranted(uint256 seat, uint256 donorSeat) external;

    /// @notice Only the key registry, once: from now on seats wait for the network secret, and pay for it.
    function markSecretFinal() external;

    /* EPOCHS */

    /// @notice Starts the current epoch with the seed that `proof` proves. Anyone may post it, once, after the boundary block.
    function postSeed(uint256 epoch, bytes calldata proof) external;

    /// @notice Spreads the calling dApp's tasks over `lanes` lotteries from the current epoch + 2 on. More lanes: more
    /// throughput, and more draws for whoever wants a particular worker.
    function setLanes(uint16 lanes) external;

    /* TASKS */

    /**
     * @notice Asks for a private computation and escrows its fee. The worker sees the state at the end of this block.
     * @param slot Any of the caller's 2^32 slots that is free; recycle low ones, a first use costs 17,100 gas more.
     * @param target dApp, private function, gas of the callback, cap of the output, gas class (limit 2^(16 + class)).
     * @param feeGwei At least `quoteFee`; taken from the slot's balance and the value sent. What is left stays in the slot.
     * @param epoch The current epoch or, within GRACE blocks of its boundary, the one before.
     * @param lane Must equal `laneOf` for this requester, slot and the slot's seq.
     * @param inputs The envelope, sealed to ranks 0..2 of (epoch, dApp, lane).
     */
    function requestTask(
        uint32 slot,
        TaskTarget target,
        uint64 feeGwei,
        uint256 epoch,
        uint256 lane,
        bytes calldata inputs
    ) external payable returns (bytes32 taskId);

    /// @notice Ends a task that nobody settled within its windows, by anyone; fee and rest return to the slot.
    function cancel(Task calldata task) external;

    /// @notice Adds the value sent to the caller's slot, so that requests need carry none.
    function fundSlot(uint32 slot) external payable;

    /// @notice Pays the balance of a free slot to the caller, who must be able to receive it.
    function withdrawSlot(uint32 slot) external;

    /* SETTLEMENT */

    /**
     * @notice Ends a task with its result, or with a failure that every honest worker would find. Anyone may relay it.
     * @dev The signature (r, vs as in EIP-2098) is over EIP-712 `Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,
     * bytes32 inputsHash,bytes32 outputHash,uint8 status)`, where anchor is the hash of the task's block, taken from the chain.
     * @param rank Which of the selected workers signs; rank r may settle from `createdBlock + max(1, r·W)` on.
     * @param status 0 result, 1 failed, 2 not opened.
     */
    function settle(Task calldata task, uint8 rank, uint8 status, bytes calldata output, bytes32 r, bytes32 vs) external;

    /* VIEWS */

    function parameters() external view returns (Parameters memory);
    /// @notice First block of epoch 0.
    function genesisBlock() external view returns (uint256);
    function beacon() external view returns (IBeacon);
    function attestationVerifier() external view returns (IAttestationVerifier);
    /// @notice Whether this network runs on simulated hardware. Nothing on it is private.
    function simulated() external view returns (bool);
    /// @notice keccak256(abi.encode(keccak256("enigma.network.v1"), chainId, enigma, observers[], t, depth, simulated, serial)), of the
    /// values that `ObserversSet` announced.
    function networkHash() external view returns (bytes32);
    function domainSeparator() external view returns (bytes32);
    /// @notice What the chain knows of the network secret, governor and guardian: the first contract that this one created.
    function keyRegistry() external view returns (IKeyRegistry);
    /// @notice Whether the first generation of the network secret is final.
    function hasSecret() external view returns (bool);
    /// @notice What to send with `takeSeat`: the bond and, once there is a secret, the join fee.
    function seatPriceGwei() external view returns (uint256);
    /// @notice The measurement with this id (0..31), or zero.
    function measurement(uint8 id) external view returns (bytes32);
    /// @notice Bit i: measurement i is revoked.
    function revokedMeasurements() external view returns (uint32);
    function currentEpoch() external view returns (uint256);
    function boundaryBlock(uint256 epoch) external view returns (uint256);
    function seatCount() external view returns (uint256);
    /// @notice Reverts with `UnknownSeat` where there is none.
    function seat(uint256 id) external view returns (SeatView memory);
    /// @notice The seat as it stands in storage: signer 160 | active 20 | exit 20 | measurement id 8 | credit 48, from low bits; zero
    /// where there is none. And, for the key registry in the same call, whether its measurement is revoked, and the current epoch.
    function seatWord(uint256 id) external view returns (uint256 word, bool isRevoked, uint256 current);
    /// @notice Gwei that `operator` can withdraw besides its seats' credit: what seats that others have since taken held of it,
    /// and fees beyond what a seat's 48 bits of credit hold.
    function owedGwei(address operator) external view returns (uint256);
    /// @notice Reverts with `SeedNotPosted` where the epoch has none, or is too old.
    function epoch(uint256 number) external view returns (EpochView memory);
    /// @notice Seat and signer of this rank; reverts with `SeedNotPosted` or `NoLiveSeat`.
    function selected(uint256 epoch, address dApp, uint256 lane, uint256 rank)
        external
        view
        returns (uint256 seat, address signer);
    function lanes(address dApp, uint256 epoch) external view returns (uint16);
    function laneOf(address requester, uint32 slot, uint64 seq, address dApp, uint256 epoch)
        external
        view
        returns (uint256);
    /// @notice The least fee at a base fee of `baseFeeWei`. In a call, pass the base fee: nodes set `block.basefee` to 0 there.
    function quoteFee(uint8 gasClass, uint32 callbackGas, uint16 outputCap, uint256 baseFeeWei)
        external
        view
        returns (uint64 feeGwei);
    function slot(address requester, uint32 slot) external view returns (SlotView memory);
    function taskIdOf(Task calldata task) external view returns (bytes32);
}
