/**
 * As much of Enigma's ABI, and of what dApps inherit, as a client uses, in the form that costs a page the fewest bytes.
 *
 * A test holds each line against the contract's own.
 */
import { parseAbi } from 'viem'

export const enigmaAbi = /* @__PURE__ */ parseAbi([
  'struct Task { uint256 ref; uint256 target; uint256 terms; bytes32 codeHash; bytes32 inputsHash; }',
  'struct Parameters { uint32 epochBlocks; uint32 windowBlocks; uint32 graceBlocks; uint32 cutBlocks; uint24 coolEpochs; uint24 lifeEpochs; uint32 secondsPerEpoch; uint32 collateralGraceSeconds; uint8 seatsPerPlatform; uint56 bondGwei; uint64 floorGwei; uint64 computeGweiPerMgas; uint56 joinFeeGwei; }',
  'struct EpochView { uint256 seed; bool isFallback; uint256 seatCount; uint32 revokedMask; bool isPaused; uint8 priceLevel; }',
  'struct SeatView { address signer; address operator; uint256 activeEpoch; uint256 exitEpoch; uint8 measurementId; uint256 creditGwei; uint256 bondGwei; uint256 joinFeeGwei; uint256 quoteBlock; bytes32 platformHash; uint256 leafBlock; uint24 platformTag; }',
  'struct Undelivered { bytes32 taskId; uint256 ref; address dApp; bytes4 callable; uint64 restGwei; uint40 createdBlock; }',
  'struct SlotView { bool pending; bool undelivered; uint256 hashBits; uint64 seq; uint64 balanceGwei; }',

  'function networkHash() view returns (bytes32)',
  'function simulated() view returns (bool)',
  'function genesisBlock() view returns (uint256)',
  'function parameters() view returns (Parameters)',
  'function epoch(uint256 number) view returns (EpochView)',
  'function seat(uint256 id) view returns (SeatView)',
  'function lanes(address dApp, uint256 epoch) view returns (uint16)',
  'function slot(address requester, uint32 slot) view returns (SlotView)',
  'function quoteFee(uint8 gasClass, uint32 callbackGas, uint16 outputCap, uint256 baseFeeWei) view returns (uint64 feeGwei)',
  'function requestTask(uint32 slot, uint256 target, uint64 feeGwei, uint256 epoch, uint256 lane, bytes inputs) payable returns (bytes32 taskId)',
  'function cancel(Task task)',
  'function redeliver(Undelivered result, bytes output)',
  'function abandon(Undelivered result, bytes32 outputHash)',
  'function fundSlot(uint32 slot) payable',
  'function withdrawSlot(uint32 slot)',

  'event TaskRequested(bytes32 indexed taskId, address indexed dApp, uint256 ref, uint256 target, uint256 terms, bytes32 codeHash, bytes inputs)',
  'event TaskSettled(bytes32 indexed taskId, uint256 indexed seat, uint8 rank, uint8 status, bool delivered, bytes output)',
  'event TaskCancelled(bytes32 indexed taskId)',
  'event TaskRedelivered(bytes32 indexed taskId)',
  'event SeatTaken(uint256 indexed seat, address indexed signer, address indexed operator, bytes32 inputKey, uint256 activeEpoch, uint256 exitEpoch, uint8 measurementId, uint256 identityBlock, bytes quote, bytes evidence)',
  'event SeatRenewed(uint256 indexed seat, address indexed signer, address indexed operator, bytes32 inputKey, uint256 exitEpoch, uint256 identityBlock, bytes quote, bytes evidence)',

  'error AbandonTooEarly(uint256 fromEpoch, uint256 currentEpoch)',
  'error AmountTooLarge(uint256 amount)',
  'error DeliveryFailed(bytes32 taskId)',
  'error EpochNotOpen(uint256 epoch, uint256 currentEpoch)',
  'error EpochPaused(uint256 epoch)',
  'error FallbackRefused(address dApp, uint256 epoch)',
  'error FeeNotCovered(uint256 feeGwei, uint256 availableGwei)',
  'error FeeTooLow(uint256 feeGwei, uint256 quotedGwei)',
  'error InputsTooLong(uint256 length, uint256 limit)',
  'error InvalidTarget(uint256 target)',
  'error NoLiveSeat(uint256 epoch, address dApp, uint256 lane, uint256 rank)',
  'error NotAContract(address dApp)',
  'error NotUndelivered(bytes32 taskId, uint256 slotWord)',
  'error NothingToWithdraw()',
  'error NotWholeGwei(uint256 weiAmount)',
  'error PaymentFailed(address to, uint256 weiAmount)',
  'error Reentered()',
  'error SeedNotPosted(uint256 epoch)',
  'error SlotInUse(address requester, uint32 slot)',
  'error TaskNotPending(bytes32 taskId, uint256 slotWord)',
  'error TooEarly(uint256 opensAtBlock, uint256 currentBlock)',
  'error UnknownSeat(uint256 seat)',
  'error WrongLane(uint256 lane, uint256 expected)',
])

/** What every dApp has: what Enigma calls, and the base contract's own refusals in a callback. */
export const dAppAbi = /* @__PURE__ */ parseAbi([
  'function enigmaCallback(bytes4 callable) view returns (bytes4)',
  'function onEnigmaResult(bytes32 taskId, bytes4 callable, bytes output)',
  'error NotCallable(bytes4 callable)',
  'error NotSealed(uint256 length)',
  'error StateChanged(bytes32 found, bytes32 expected)',
])
