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
    /// @notice A seat takes part in no epoch from `exitEpoch` on.
    event SeatLeft(uint256 indexed seat, uint256 exitEpoch);
    /// @notice A seat's platform no longer stands as it must, or the seat stood in for one that was slashed. Revoked: it is out at
    /// once, of pending tasks too. Else it takes part in no epoch from `exitEpoch` on. Its cool-down counts from `exitEpoch`.
    event SeatEnded(uint256 indexed seat, uint256 exitEpoch, bool revoked);
    /// @notice A seat's bond and join fee went over to the seat that its operator took in its place.
    event SeatRotated(uint256 indexed from, uint256 indexed to);
    /// @notice A seat moves to a lower place, with its operator, its term and its bond: it takes part as `to` from the epoch on in which
    /// `from` does not any more. What `from` has earned stays there.
    event SeatRelocated(uint256 indexed from, uint256 indexed to, uint256 activeEpoch);
    /// @notice The seat's enclave signed two results. The seat is out at once; half of its bond was paid to the reporter, the other
    /// half is burned.
    event SeatSlashed(uint256 indexed seat, address indexed reporter, bytes32 indexed taskId, uint256 rewardGwei, uint256 burnedGwei);
    /// @notice A seat's fees and, after its cool-down, its bond were paid out. A join fee that no grant earned is in `bondGwei`.
    event SeatWithdrawn(uint256 indexed seat, address indexed to, uint256 creditGwei, uint256 bondGwei);
    /// @notice What stood in `owedGwei` was paid out.
    event OwedWithdrawn(address indexed operator, address indexed to, uint256 gweiPaid);

    /* ERRORS, with the values found and, where one was expected, that */

    /// @notice Send exactly `seatPriceGwei`.
    error WrongBond(uint256 sentGwei, uint256 priceGwei);
    /// @notice The quote is of code that this network does not admit.
    error UnknownMeasurement(bytes32 measurement);
    /// @notice The measurement is revoked: its code takes no seat and renews none.
    error RevokedMeasurement(uint256 id);
    /// @notice A seat keeps its signer and its measurement: other code takes another seat.
    error WrongMeasurement(uint256 found, uint256 expected);
    /// @notice The quote vouches for another identity: compare network, operator, signer, input key and block.
    error WrongIdentity(bytes32 found, bytes32 expected);
    /// @notice The block named in the quote is older than 256 blocks, not mined yet, or of another branch.
    error StaleQuote(uint256 identityBlock, uint256 currentBlock);
    /// @notice The collateral or a certificate behind the quote has expired: bring fresh collateral to the verifier.
    error CollateralExpired(uint256 validUntil, uint256 timestamp);
    /// @notice The machine holds as many live seats as it may. A seat counts from its take until its exit.
    error PlatformFull(uint24 platformTag, uint256 limit);
    /// @notice The collateral or a certificate expires before the seat would become active.
    error NeverLive(uint256 activeEpoch, uint256 exitEpoch);
    error TooManySeats(uint256 limit);
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
    /// @notice Nothing stands for the seat any more: its bond was paid out, slashed, or went over to another seat.
    error NoBond(uint256 seat);
    /// @notice A seat is rotated once it has been active for as long as a seat cools down.
    error SeatTooYoung(uint256 seat, uint256 fromEpoch, uint256 currentEpoch);
    /// @notice A seat moves from the upper half of the list into a free place of the lower half.
    error NotAHole(uint256 from, uint256 into, uint256 seatCount);
    /// @notice Two receipts that are the same prove nothing.
    error SameReceipt(bytes32 receipt);
    /// @notice The receipt does not stand where it is said to stand in its batch.
    error NotInBatch(bytes32 receipt, uint256 index);
    /// @notice The receipt was signed by another than the seat's enclave.
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
    function leaveSeat(uint256 seat) external;
    /// @notice Pays the seat's credit to `to`, and its bond once `exit + COOL` has come, with a join fee that no grant earned. Only
    /// its operator.
    function withdrawSeat(uint256 seat, address payable to) external;
    /// @notice Pays to `to` what seats that others have since taken still owed to the caller.
    function withdrawOwed(address payable to) external;

    /**
     * @notice Takes another seat in the place of one's own: the bond goes over, the old seat leaves at the current epoch + 2, in which the
     * new one becomes active; where there is a network secret, with its grant. Send the join fee, if there is one. Arguments
     * as of `takeSeat`.
     * @dev The old seat must have been active for COOL epochs. Until it is cool, its enclave's faults are the new seat's: `slash`.
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
    function relocateSeat(uint256 from, uint256 into) external;

    /// @notice Shortens the list by cool seats at its end, at most `most` of them; anyone may. What they held is owed to their operators.
    function trimSeats(uint256 most) external;

    /* VIEWS */

    /// @notice What to send with `takeSeat`: the bond and, once there is a secret, the join fee.
    function seatPriceGwei() external view returns (uint256);
    /// @notice Whether the first generation of the network secret is final.
    function hasSecret() external view returns (bool);
    function seatCount() external view returns (uint256);
    /// @notice What slashed seats have lost to nobody. Reads every seat: for calls from outside.
    function burnedGwei() external view returns (uint256);
    /// @notice Reverts with `UnknownSeat` where there is none.
    function seat(uint256 id) external view returns (SeatView memory);
}
