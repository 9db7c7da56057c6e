// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedReceipt} from "./IEnigmaSeats.sol";
import {Task, TaskRef, TaskTarget, TaskTerms} from "../types/Task.sol";

/// @notice One of several requests: as the arguments of `requestTask`, and how much of the value sent goes to its slot.
struct TaskRequest {
    uint32 slot;
    uint64 feeGwei;
    uint64 valueGwei;
    uint24 epoch;
    uint16 lane;
    TaskTarget target;
    bytes inputs;
}

/// @notice A result whose callback failed. With its output, all that delivering it again needs; each from the task's events.
struct Undelivered {
    bytes32 taskId;
    TaskRef ref;
    address dApp;
    bytes4 callable;
    uint64 restGwei;
    uint40 createdBlock;
}

/**
 * @title Tasks, from the request to the callback, and the epochs that they are drawn in
 * @notice Implemented in `Enigma.sol`. Nobody owns it: no role can stop, delay or redirect what settles, cancels or pays out.
 */
interface IEnigmaTasks {
    /* EVENTS */

    /// @notice The lottery of `epoch` is drawn from `seed` among the first `seatCount` seats: those that existed
    /// before its boundary block.
    /// @param isFallback The beacon's seed did not come in time: this one is a block's hash.
    /// @param epoch The epoch's number.
    /// @param seed 176 bits.
    /// @param seatCount How many seats there are to draw from.
    /// @param anchor Hash of the block that the seed is anchored in.
    event EpochStarted(uint256 indexed epoch, uint256 seed, uint256 seatCount, bytes32 anchor, bool isFallback);
    /// @notice From now on the dApp takes no task of an epoch with a fallback seed, or does so again.
    /// @param dApp The dApp's address.
    /// @param refuses Whether it refuses them from now on.
    event FallbackRefusalSet(address indexed dApp, bool refuses);
    /// @notice A dApp's tasks spread over `lanes` lotteries from `fromEpoch` on.
    /// @param dApp The dApp's address.
    /// @param lanes How many lotteries.
    /// @param fromEpoch The first epoch that it holds for.
    event LanesSet(address indexed dApp, uint16 lanes, uint256 fromEpoch);
    /// @notice A task is pending. With `keccak256(inputs)` as `inputsHash`, these fields are the `Task`.
    /// @param taskId The task's id.
    /// @param dApp The dApp's address.
    /// @param ref Requester, slot and seq, packed.
    /// @param target dApp, private function, callback's gas, output's cap and gas class, packed.
    /// @param terms Fee, rest, block, epoch and lane, packed.
    /// @param codeHash EXTCODEHASH of the dApp.
    /// @param inputs The envelope, sealed to the ranks that were drawn.
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
    /// @param delivered Whether the dApp's callback succeeded; for a failure, whether it heard of it. A result that was not
    /// delivered waits for `redeliver` or `abandon`.
    /// @param taskId The task's id.
    /// @param seat The seat's index.
    /// @param rank 0 for the first who may settle, to 2.
    /// @param output The function's return values, ABI-encoded; empty for a failure.
    event TaskSettled(
        bytes32 indexed taskId, uint256 indexed seat, uint8 rank, uint8 status, bool delivered, bytes output
    );
    /// @notice A task that nobody served ended; its fee is back in the requester's slot.
    /// @param taskId The task's id.
    event TaskCancelled(bytes32 indexed taskId);
    /// @notice A result that had not been delivered was, and its slot is free.
    /// @param taskId The task's id.
    event TaskRedelivered(bytes32 indexed taskId);
    /// @notice A result that was not delivered never will be. Its slot is free.
    /// @param taskId The task's id.
    event TaskAbandoned(bytes32 indexed taskId);
    /// @notice A slot's balance grew.
    /// @param requester Whose slot it is.
    /// @param slot The slot's number, of this requester.
    /// @param gweiAdded In gwei.
    event SlotFunded(address indexed requester, uint32 indexed slot, uint256 gweiAdded);
    /// @notice A slot's balance was paid out to its requester.
    /// @param requester Whose slot it is.
    /// @param slot The slot's number, of this requester.
    /// @param gweiPaid What was paid, in gwei.
    event SlotWithdrawn(address indexed requester, uint32 indexed slot, uint256 gweiPaid);

    /* ERRORS, with the values found and, where one was expected, that */

    /// @notice Money is kept in gwei: anything finer would be lost.
    /// @param weiAmount In wei.
    error NotWholeGwei(uint256 weiAmount);
    /// @notice More than the field holds: 64 bits of gwei, or a base fee of 128 bits.
    /// @param amount The amount.
    error AmountTooLarge(uint256 amount);
    /// @notice Ether without a call, which would be nobody's: pass it to `fundSlot`.
    /// @param weiAmount What was sent, in wei.
    error PlainPayment(uint256 weiAmount);
    /// @notice Nothing stands to the caller's credit; a bond only after the seat's cool-down.
    error NothingToWithdraw();
    /// @notice The recipient refused the payment. Nothing was booked off.
    /// @param to Who is paid.
    /// @param weiAmount What was to be paid, in wei.
    error PaymentFailed(address to, uint256 weiAmount);
    /// @notice Called from within a callback or a payment. `requestTask` may be; what settles, cancels, pays out or
    /// renews a seat may not.
    error Reentered();
    /// @notice Only the key registry.
    /// @param caller Who called.
    error OnlyKeyRegistry(address caller);
    /// @notice Only the current epoch can be started.
    /// @param epoch The epoch's number.
    /// @param currentEpoch The epoch of this block.
    error NotCurrentEpoch(uint256 epoch, uint256 currentEpoch);
    /// @notice An epoch has one seed.
    /// @param epoch The epoch's number.
    error EpochAlreadyStarted(uint256 epoch);
    /// @notice The boundary block's hash exists only in the blocks after it.
    /// @param boundaryBlock The epoch's first block.
    error BoundaryNotMined(uint256 boundaryBlock);
    /// @notice The block that the seed is anchored in, the boundary or the cut, lies more than 8,191 blocks back (EIP-2935), or 256
    /// where the chain has no history contract.
    /// @param anchorBlock The block's number.
    error AnchorUnavailable(uint256 anchorBlock);
    /// @notice The beacon's seed comes too late: after the cut only `postFallbackSeed` starts the epoch.
    /// @param cutBlock The last block in which the beacon's seed is taken.
    /// @param currentBlock The number of this block.
    error SeedOverdue(uint256 cutBlock, uint256 currentBlock);
    /// @notice The beacon's seed may still come.
    /// @param cutBlock The last block in which the beacon's seed is taken.
    /// @param currentBlock The number of this block.
    error SeedStillDue(uint256 cutBlock, uint256 currentBlock);
    /// @notice No seat existed when the epoch began: there is nothing to draw from.
    /// @param epoch The epoch's number.
    error NoSeats(uint256 epoch);
    /// @notice The epoch was not started, or is more than 31 epochs old.
    /// @param epoch The epoch's number.
    error SeedNotPosted(uint256 epoch);
    /// @notice 64 draws met no live seat for this rank.
    /// @param epoch The epoch's number.
    /// @param dApp The dApp's address.
    /// @param lane Which of the dApp's lotteries.
    /// @param rank The rank that nobody has.
    error NoLiveSeat(uint256 epoch, address dApp, uint256 lane, uint256 rank);
    /// @notice At least one.
    /// @param lanes The number given.
    error InvalidLanes(uint256 lanes);
    /// @notice One change at a time: the last one must have been in force for a whole epoch.
    /// @param fromEpoch The first epoch of the last change.
    /// @param currentEpoch The epoch of this block.
    error LanesChanging(uint256 fromEpoch, uint256 currentEpoch);
    /// @notice The slot holds a pending task: take another one, or wait.
    /// @param requester Whose slot it is.
    /// @param slot The slot's number, of this requester.
    error SlotInUse(address requester, uint32 slot);
    /// @notice Neither the current epoch nor, within GRACE blocks of its boundary, the one before.
    /// @param epoch The epoch's number.
    /// @param currentEpoch The epoch of this block.
    error EpochNotOpen(uint256 epoch, uint256 currentEpoch);
    /// @notice The guardian has paused new tasks. It ends by itself: `pausedUntil`.
    /// @param epoch The epoch's number.
    error EpochPaused(uint256 epoch);
    /// @notice The epoch's seed is a fallback, which this dApp does not take. Wait for the next epoch.
    /// @param dApp The dApp's address.
    /// @param epoch The epoch's number.
    error FallbackRefused(address dApp, uint256 epoch);
    /// @notice The requests' `valueGwei` do not add up to the value sent.
    /// @param sentGwei What was sent, in gwei.
    /// @param requestedGwei The sum of the requests'.
    error WrongValue(uint256 sentGwei, uint256 requestedGwei);
    /// @notice Seal to the ranks of the lane that `laneOf` gives.
    /// @param lane The lane given.
    /// @param expected What `laneOf` gives.
    error WrongLane(uint256 lane, uint256 expected);
    /// @notice The target's dApp has no code.
    /// @param dApp The address named.
    error NotAContract(address dApp);
    /// @notice Less than `quoteFee` says.
    /// @param feeGwei The fee offered, in gwei.
    /// @param quotedGwei The least fee, in gwei.
    error FeeTooLow(uint256 feeGwei, uint256 quotedGwei);
    /// @notice The slot's balance and the value sent are less than the fee.
    /// @param feeGwei The fee offered, in gwei.
    /// @param availableGwei Balance and value together.
    error FeeNotCovered(uint256 feeGwei, uint256 availableGwei);
    /// @notice An envelope may have 16,384 bytes.
    /// @param length Bytes of the inputs.
    /// @param limit The most bytes.
    error InputsTooLong(uint256 length, uint256 limit);
    /// @notice callbackGas above 8,000,000, outputCap above 8,192, gasClass above 12, or the high byte not zero.
    /// @param target The word given.
    error InvalidTarget(TaskTarget target);
    /// @notice The slot holds no such task: it has ended, a field differs from the event's, or a reorganisation took it away.
    /// @param taskId The task's id.
    /// @param slotWord What stands in the slot.
    error TaskNotPending(bytes32 taskId, uint256 slotWord);
    /// @notice Not exactly as many members as stated.
    /// @param length Bytes of the members.
    /// @param readBytes Bytes that the members stated take.
    error MalformedBatch(uint256 length, uint256 readBytes);
    /// @notice A batch is of one seat; this member was drawn on another.
    /// @param member Its place in the batch, from 0 on.
    /// @param seat The batch's seat.
    /// @param selected The seat that this member was drawn on.
    error NotSelectedSeat(uint256 member, uint256 seat, uint256 selected);
    /// @notice None of the batch's members can be settled any more.
    error NothingToSettle();
    /// @notice The slot holds no such result: it was delivered or abandoned, or a field differs from the events'.
    /// @param taskId The result's task.
    /// @param slotWord What stands in the slot.
    error NotUndelivered(bytes32 taskId, uint256 slotWord);
    /// @notice The callback failed again, so that nothing has changed: try with more gas, or when the dApp can take it.
    /// @param taskId The task's id.
    error DeliveryFailed(bytes32 taskId);
    /// @notice Until then only the requester may give up the result.
    /// @param fromEpoch When anyone may.
    /// @param currentEpoch The epoch of this block.
    error AbandonTooEarly(uint256 fromEpoch, uint256 currentEpoch);
    /// @notice 0 to 2.
    /// @param rank The rank given.
    error InvalidRank(uint256 rank);
    /// @notice 0 to 2.
    /// @param status The status given.
    error InvalidStatus(uint256 status);
    /// @notice The window has not opened yet.
    /// @param opensAtBlock The first block in which it can be.
    /// @param currentBlock The number of this block.
    error TooEarly(uint256 opensAtBlock, uint256 currentBlock);
    /// @notice The last window is over: the task can only be cancelled.
    /// @param closedAtBlock The first block in which it cannot be any more.
    /// @param currentBlock The number of this block.
    error TooLate(uint256 closedAtBlock, uint256 currentBlock);
    /// @notice More than the requester allowed.
    /// @param length Bytes of the output.
    /// @param cap The target's `outputCap`.
    error OutputTooLong(uint256 length, uint256 cap);
    /// @notice Either another signer, or the signature is over another receipt: task, anchor, code, inputs, output and status count.
    /// @param recovered Whom the signature is of.
    /// @param selected The signer that was drawn.
    error NotSelectedSigner(address recovered, address selected);
    /// @notice The dApp's callback could not be given the gas that its requester paid for.
    /// @param available Gas that can be given.
    /// @param needed Gas that it needs.
    error NotEnoughGas(uint256 available, uint256 needed);

    /* SEATS, what is done with them again and again */

    /// @notice Shows a fresh quote of the same signer with a new input key, and extends the seat; never shortens it. `evidence` is the
    /// platform's certificate or, cheaper, its record.
    /// @param seat The seat's index.
    /// @param inputKey The enclave's X25519 public key.
    /// @param identityBlock The block number bound in the quote's report_data.
    /// @param quote The DCAP quote, without its certification data.
    /// @param evidence The platform's certificate in DER; or its record, 192 bytes.
    function renewSeat(
        uint256 seat,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external;

    /**
     * @notice Has the seat's platform judged by the collateral of now; anyone may. Revoked: the seat is out at once, and no task drawn
     * on it is settled by it any more; the ranks behind move up. Below the policy: it ends with the current epoch + 1. Reverts if
     * the platform stands as it must. The bond leaves after the cool-down, as ever.
     * @param record The platform's record: its hash is the seat's `platformHash`.
     * @param seat The seat's index.
     */
    function recheck(uint256 seat, bytes calldata record) external;

    /**
     * @notice Proves that a seat's enclave signed two different results of one task on one anchor, which no honest one does. The
     * seat is out at once; half of its bond is paid to the caller. Each seat of the signer answers for itself.
     * @param anchor Hash of the task's block: receipts of two branches of a reorganised chain prove nothing.
     * @param seat The seat's index.
     * @param taskId The task that both receipts are of.
     * @param a One receipt.
     * @param b Another of the same task, with another result.
     */
    function slash(uint256 seat, bytes32 taskId, bytes32 anchor, SignedReceipt calldata a, SignedReceipt calldata b)
        external;

    /* THE NETWORK SECRET */

    /// @notice Only the key registry: the seat was given the network secret. If it waited for that, it is live from the current
    /// epoch + 2, and its join fee is the donor's.
    /// @param seat The seat's index.
    /// @param donorSeat The seat that hands on the secret.
    function markSeatGranted(uint256 seat, uint256 donorSeat) external;
    /// @notice Only the key registry, once: from now on seats wait for the network secret, and pay for it.
    function markSecretFinal() external;

    /* EPOCHS */

    /// @notice Starts the current epoch with the seed that `proof` proves. Anyone may post it, once, after the boundary block and until
    /// CUT blocks behind it.
    /// @param epoch The epoch's number.
    /// @param proof What the beacon asks for: `IBeacon.seed`.
    function postSeed(uint256 epoch, bytes calldata proof) external;

    /**
     * @notice Starts the current epoch without the beacon, whose seed did not come until CUT blocks behind the boundary. Anyone may.
     * @dev The seed is the low 176 bits of keccak256(abi.encode("enigma.fallback.v1", epoch, blockhash(boundary + CUT))), and the
     * epoch is flagged. That block lies ahead while the beacon may still choose to be silent.
     * @param epoch The epoch's number.
     */
    function postFallbackSeed(uint256 epoch) external;

    /* TASKS */

    /**
     * @notice Asks for a private computation and escrows its fee. The worker sees the state at the end of this block.
     * @param slot Any of the caller's 2^32 slots that is free; recycle low ones, a first use costs 17,100 gas more.
     * @param target dApp, private function, gas of the callback, cap of the output, gas class (limit 2^(16 + class)).
     * @param feeGwei At least `quoteFee`; taken from the slot's balance and the value sent. What is left stays in the slot.
     * @param epoch The current epoch or, within GRACE blocks of its boundary, the one before.
     * @param lane Must equal `laneOf` for this requester, slot and the slot's seq.
     * @param inputs The envelope, sealed to ranks 0..2 of (epoch, dApp, lane).
     * @return taskId The task's id.
     */
    function requestTask(
        uint32 slot,
        TaskTarget target,
        uint64 feeGwei,
        uint256 epoch,
        uint256 lane,
        bytes calldata inputs
    ) external payable returns (bytes32 taskId);

    /// @notice Several at once, each as by `requestTask` in the order given: all or none. Their `valueGwei` add up to the value sent.
    /// @param requests The requests.
    function requestTasks(TaskRequest[] calldata requests) external payable;

    /// @notice Ends a task that nobody settled within its windows, by anyone; fee and rest return to the slot.
    /// @param task The task, as `TaskRequested` told it.
    function cancel(Task calldata task) external;

    /* SETTLEMENT */

    /**
     * @notice Ends a task with its result, or with a failure that every honest worker would find. Anyone may relay it.
     * @dev The signature (r, vs as in EIP-2098) is over EIP-712 `Receipt(bytes32 taskId,bytes32 anchor,bytes32 codeHash,
     * bytes32 inputsHash,bytes32 outputHash,uint8 status)`, where anchor is the hash of the task's block, taken from the chain.
     * @param rank Which of the selected workers signs; rank r may settle from `createdBlock + max(1, r·W)` on.
     * @param status 0 result, 1 failed, 2 not opened.
     * @param task The task, as `TaskRequested` told it.
     * @param output The function's return values, ABI-encoded; empty for a failure.
     * @param r First half of the signature.
     * @param vs Second half of the signature, as in EIP-2098.
     */
    function settle(Task calldata task, uint8 rank, uint8 status, bytes calldata output, bytes32 r, bytes32 vs) external;

    /**
     * @notice Ends several tasks of one seat, each as by `settle`, under one signature. Members that are no longer pending, or whose
     * last window is over, are passed over; anything else that is wrong reverts.
     * @dev The signature is over EIP-712 `Batch(bytes32[] receipts)`: the hashStruct of each member's `Receipt`, in order.
     * @param seat The seat that all members were drawn on.
     * @param count How many members there are.
     * @param members Each: ref 32 | target 32 | terms 32 | inputsHash 32 | rank 1 | status 1 | output's length 2 | output. The code hash
     * is read from the chain: a task whose dApp has other code since is settled singly.
     * @param r First half of the signature.
     * @param vs Second half of the signature, as in EIP-2098.
     */
    function settleBatch(uint256 seat, uint256 count, bytes calldata members, bytes32 r, bytes32 vs) external;

    /* VIEWS */

    /// @notice Seat and signer of this rank; reverts with `SeedNotPosted` or `NoLiveSeat`.
    /// @param epoch The epoch's number.
    /// @param dApp The dApp's address.
    /// @param lane Which of the dApp's lotteries.
    /// @param rank 0 to 2.
    /// @return seat The seat's index.
    /// @return signer Its enclave's address.
    function selected(uint256 epoch, address dApp, uint256 lane, uint256 rank)
        external
        view
        returns (uint256 seat, address signer);
    /// @notice EIP-712: name Enigma, version 1, this chain, this contract.
    /// @return The separator.
    function domainSeparator() external view returns (bytes32);
    /// @notice The first block of an epoch.
    /// @param epoch The epoch's number.
    /// @return The block's number.
    function boundaryBlock(uint256 epoch) external view returns (uint256);
    /// @notice The seat as it stands in storage: signer 160 | active 20 | exit 20 | measurement id 8 | credit 48, from low bits; zero
    /// where there is none. And, for the key registry in the same call, whether its measurement is revoked, and the current epoch.
    /// @param id The seat's index.
    /// @return word The word in storage.
    /// @return isRevoked Whether its measurement is revoked.
    /// @return current The epoch of this block.
    function seatWord(uint256 id) external view returns (uint256 word, bool isRevoked, uint256 current);
    /// @notice What a task with these fields is known by.
    /// @param task The task, as `TaskRequested` told it.
    /// @return The EIP-712 digest over its fields.
    function taskIdOf(Task calldata task) external view returns (bytes32);
}
