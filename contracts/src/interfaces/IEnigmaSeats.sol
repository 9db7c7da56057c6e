// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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

/**
 * @notice A receipt as an enclave signed it: alone, or as a member of a batch.
 * @dev With the task's id and the anchor, the fields of EIP-712 `Receipt`.
 */
struct SignedReceipt {
    bytes32 codeHash;
    bytes32 inputsHash;
    bytes32 outputHash;
    uint8 status;
    /// Its place in `batch`.
    uint16 index;
    /// The hashStructs of the batch's receipts; empty if it was signed alone.
    bytes32[] batch;
    bytes32 r;
    bytes32 vs;
}

/**
 * @title Seats: who takes part in the lottery, for how long, and for what they answer
 * @notice Implemented in `EnigmaSeats.sol`.
 */
interface IEnigmaSeats {
    /* EVENTS */

    /// @notice A seat was taken. `quote` carries the enclave's word for `signer` and `inputKey`.
    /// @param activeEpoch 2^20 - 1 while it waits for the network secret: see `SeatActivated`.
    /// @param identityBlock The block number bound in the quote's report_data.
    /// @param evidence What vouches for the quote's platform: its certificate, or its record if that was known already.
    /// @param seat The seat's index.
    /// @param signer The enclave's secp256k1 address.
    /// @param operator Who holds the seat.
    /// @param inputKey The enclave's X25519 public key.
    /// @param exitEpoch The first epoch that the seat takes no part in.
    /// @param measurementId The number of its measurement.
    /// @param quote The DCAP quote, without its certification data.
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
    /// @param seat The seat's index.
    /// @param signer The enclave's secp256k1 address.
    /// @param operator Who holds the seat.
    /// @param inputKey The enclave's X25519 public key.
    /// @param exitEpoch The first epoch that the seat takes no part in.
    /// @param identityBlock The block number bound in the quote's report_data.
    /// @param quote The DCAP quote, without its certification data.
    /// @param evidence The platform's certificate in DER; or its record, 192 bytes.
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
    /// @param seat The seat's index.
    /// @param activeEpoch The first epoch that the seat takes part in.
    event SeatActivated(uint256 indexed seat, uint256 activeEpoch);
    /// @notice A seat takes part in no epoch from `exitEpoch` on.
    /// @param seat The seat's index.
    /// @param exitEpoch The first epoch that the seat takes no part in.
    event SeatLeft(uint256 indexed seat, uint256 exitEpoch);
    /// @notice A seat's platform no longer stands as it must, or the seat stood in for one that was slashed. Revoked: it is out at
    /// once, of pending tasks too. Else it takes part in no epoch from `exitEpoch` on. Its cool-down counts from `exitEpoch`.
    /// @param seat The seat's index.
    /// @param exitEpoch The first epoch that the seat takes no part in.
    /// @param revoked Whether it is out at once.
    event SeatEnded(uint256 indexed seat, uint256 exitEpoch, bool revoked);
    /// @notice A seat's bond and join fee went over to the seat that its operator took in its place.
    /// @param from The index of the seat that leaves.
    /// @param to The index of the seat that is taken.
    event SeatRotated(uint256 indexed from, uint256 indexed to);
    /// @notice A seat moves to a lower place, with its operator, its term and its bond: it takes part as `to` from the epoch on in which
    /// `from` does not any more. What `from` has earned stays there.
    /// @param from The index of the seat that is left.
    /// @param to The index of the place that is taken.
    /// @param activeEpoch The first epoch of `to`, and the first without `from`.
    event SeatRelocated(uint256 indexed from, uint256 indexed to, uint256 activeEpoch);
    /// @notice The seat's enclave signed two results. The seat is out at once; half of its bond was paid to the reporter, the other
    /// half is burned.
    /// @param seat The seat's index.
    /// @param reporter Who brought the proof.
    /// @param taskId The task that both results are of.
    /// @param rewardGwei The reporter's half, in gwei.
    /// @param burnedGwei The half that is burned, in gwei.
    event SeatSlashed(uint256 indexed seat, address indexed reporter, bytes32 indexed taskId, uint256 rewardGwei, uint256 burnedGwei);
    /// @notice A seat's fees and, after its cool-down, its bond were paid out. A join fee that no grant earned is in `bondGwei`.
    /// @param seat The seat's index.
    /// @param to Who is paid.
    /// @param creditGwei Fees, in gwei.
    /// @param bondGwei Bond and join fee, in gwei.
    event SeatWithdrawn(uint256 indexed seat, address indexed to, uint256 creditGwei, uint256 bondGwei);
    /// @notice What stood in `owedGwei` was paid out.
    /// @param operator Whose money it was.
    /// @param to Who is paid.
    /// @param gweiPaid What was paid, in gwei.
    event OwedWithdrawn(address indexed operator, address indexed to, uint256 gweiPaid);

    /* ERRORS, with the values found and, where one was expected, that */

    /// @notice Send exactly `seatPriceGwei`.
    /// @param sentGwei What was sent, in gwei.
    /// @param priceGwei `seatPriceGwei`.
    error WrongBond(uint256 sentGwei, uint256 priceGwei);
    /// @notice The quote is of code that this network does not admit.
    /// @param measurement MRENCLAVE of the code.
    error UnknownMeasurement(bytes32 measurement);
    /// @notice The measurement is revoked: its code takes no seat and renews none.
    /// @param id The measurement's number.
    error RevokedMeasurement(uint256 id);
    /// @notice A seat keeps its signer and its measurement: other code takes another seat.
    /// @param found The number of the quote's measurement.
    /// @param expected The number of the seat's.
    error WrongMeasurement(uint256 found, uint256 expected);
    /// @notice The quote vouches for another identity: compare network, operator, signer, input key and block.
    /// @param found First half of the quote's report_data.
    /// @param expected The hash over what was given here.
    error WrongIdentity(bytes32 found, bytes32 expected);
    /// @notice The block named in the quote is older than 256 blocks, not mined yet, or of another branch.
    /// @param identityBlock The block number bound in the quote.
    /// @param currentBlock The number of this block.
    error StaleQuote(uint256 identityBlock, uint256 currentBlock);
    /// @notice The collateral or a certificate behind the quote has expired: bring fresh collateral to the verifier.
    /// @param validUntil When it expired, Unix seconds.
    /// @param timestamp Now, Unix seconds.
    error CollateralExpired(uint256 validUntil, uint256 timestamp);
    /// @notice The machine holds as many live seats as it may. A seat counts from its take until its exit.
    /// @param platformTag Low 24 bits of the platform's id.
    /// @param limit Seats that one machine may hold.
    error PlatformFull(uint24 platformTag, uint256 limit);
    /// @notice The collateral or a certificate expires before the seat would become active.
    /// @param activeEpoch When it would become live.
    /// @param exitEpoch When it would have to end.
    error NeverLive(uint256 activeEpoch, uint256 exitEpoch);
    /// @notice The list is full.
    /// @param limit The most seats that a network can have.
    error TooManySeats(uint256 limit);
    /// @notice The enclave's address must be given.
    error ZeroSigner();
    /// @notice The enclave's input key must be given.
    error ZeroInputKey();
    /// @notice There is no seat with this index.
    /// @param seat The seat's index.
    error UnknownSeat(uint256 seat);
    /// @notice This seat's cool-down is over: pass 1 + `seat` as `reuse` instead of appending another.
    /// @param seat The seat's index.
    error ReuseSeat(uint256 seat);
    /// @notice The seat's cool-down is not over.
    /// @param seat The seat's index.
    /// @param freeFromEpoch From when on it may be taken.
    /// @param currentEpoch The epoch of this block.
    error SeatStillHeld(uint256 seat, uint256 freeFromEpoch, uint256 currentEpoch);
    /// @notice The seat ends before the current epoch + 2 already, so that it can neither be renewed nor leave, and there is
    /// nothing left for a recheck to end.
    /// @param seat The seat's index.
    /// @param exitEpoch When it ends, or ended.
    /// @param currentEpoch The epoch of this block.
    error SeatNotLive(uint256 seat, uint256 exitEpoch, uint256 currentEpoch);
    /// @notice This is not the record of the platform that vouched for the seat.
    /// @param found keccak256 of the record given.
    /// @param expected The seat's `platformHash`.
    error WrongRecord(bytes32 found, bytes32 expected);
    /// @notice The seat's platform stands as it must: nothing to end.
    /// @param seat The seat's index.
    error PlatformGood(uint256 seat);
    /// @notice Only the seat's operator.
    /// @param caller Who called.
    /// @param operator Who holds the seat.
    error NotOperator(address caller, address operator);
    /// @notice Nothing stands for the seat any more: its bond was paid out, slashed, or went over to another seat.
    /// @param seat The seat's index.
    error NoBond(uint256 seat);
    /// @notice A seat is rotated once it has been active for as long as a seat cools down.
    /// @param seat The seat's index.
    /// @param fromEpoch When it may be.
    /// @param currentEpoch The epoch of this block.
    error SeatTooYoung(uint256 seat, uint256 fromEpoch, uint256 currentEpoch);
    /// @notice A seat moves from the upper half of the list into a free place of the lower half.
    /// @param from The seat that was to move.
    /// @param into Where it was to move.
    /// @param seatCount How many seats the list has.
    error NotAHole(uint256 from, uint256 into, uint256 seatCount);
    /// @notice Two receipts that are the same prove nothing.
    /// @param receipt hashStruct of both.
    error SameReceipt(bytes32 receipt);
    /// @notice The receipt does not stand where it is said to stand in its batch.
    /// @param receipt hashStruct of the receipt.
    /// @param index The place in the list, from 0 on.
    error NotInBatch(bytes32 receipt, uint256 index);
    /// @notice The receipt was signed by another than the seat's enclave.
    /// @param recovered Whom the signature is of.
    /// @param signer The seat's enclave.
    error NotSeatSigner(address recovered, address signer);

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
    /// @notice Ends the seat's part in epochs from the current + 2 on. Tasks drawn before may still be settled.
    /// @param seat The seat's index.
    function leaveSeat(uint256 seat) external;
    /// @notice Pays the seat's credit to `to`, and its bond once `exit + COOL` has come, with a join fee that no grant earned. Only
    /// its operator.
    /// @param seat The seat's index.
    /// @param to Who is paid.
    function withdrawSeat(uint256 seat, address payable to) external;
    /// @notice Pays to `to` what seats that others have since taken still owed to the caller.
    /// @param to Who is paid.
    function withdrawOwed(address payable to) external;

    /**
     * @notice Takes another seat in the place of one's own: the bond goes over, the old seat leaves at the current epoch + 2, in which the
     * new one becomes active; where there is a network secret, with its grant. Send the join fee, if there is one. Arguments
     * as of `takeSeat`.
     * @dev The old seat must have been active for COOL epochs. Until it is cool, its enclave's faults are the new seat's: `slash`.
     * @param seat The old seat's index.
     * @param reuse As of `takeSeat`.
     * @param signer The new enclave's secp256k1 address.
     * @param inputKey The enclave's X25519 public key.
     * @param identityBlock The block number bound in the quote's report_data.
     * @param quote The DCAP quote, without its certification data.
     * @param evidence The platform's certificate in DER; or its record, 192 bytes.
     * @return to The index of the new seat.
     */
    function rotateSeat(
        uint256 seat,
        uint256 reuse,
        address signer,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external payable returns (uint256 to);

    /// @notice Moves a live seat of the list's upper half into a place of its lower half whose cool-down is over; anyone may. So the
    /// lottery stays dense. It leaves one place and enters the other at the current epoch + 2.
    /// @param from The index of the seat that is left.
    /// @param into The index of the place that is taken.
    function relocateSeat(uint256 from, uint256 into) external;

    /// @notice Shortens the list by cool seats at its end, at most `most` of them; anyone may. What they held is owed to their operators.
    /// @param most How many seats at most.
    function trimSeats(uint256 most) external;

    /* VIEWS */

    /// @notice What to send with `takeSeat`: the bond and, once there is a secret, the join fee.
    /// @return In gwei.
    function seatPriceGwei() external view returns (uint256);
    /// @notice Whether the first generation of the network secret is final.
    /// @return Whether it is.
    function hasSecret() external view returns (bool);
    /// @notice The length of the list.
    /// @return Places in it, free ones included.
    function seatCount() external view returns (uint256);
    /// @notice What slashed seats have lost to nobody. Reads every seat: for calls from outside.
    /// @return In gwei, since the beginning.
    function burnedGwei() external view returns (uint256);
    /// @notice Reverts with `UnknownSeat` where there is none.
    /// @param id The seat's index.
    /// @return The seat, unpacked.
    function seat(uint256 id) external view returns (SeatView memory);
}
