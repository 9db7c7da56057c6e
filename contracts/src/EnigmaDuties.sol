// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaStorage} from "./EnigmaStorage.sol";
import {Standing} from "./interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SignedReceipt} from "./interfaces/IEnigmaSeats.sol";
import {IEnigmaTasks} from "./interfaces/IEnigmaTasks.sol";
import {Money} from "./libraries/Money.sol";
import {PlatformSeats} from "./libraries/PlatformSeats.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {Seating} from "./libraries/Seating.sol";
import {Slashing} from "./libraries/Slashing.sol";
import {Escrow, LAST_EPOCH, Seat, SeatHolder, SeatTerm, Successor} from "./types/Seat.sol";

/**
 * What a seat answers for while it serves, a part of Enigma: RENEWAL · PLATFORM · SIGNATURES. What each function promises stands in
 * IEnigmaTasks; here stands how.
 */
abstract contract EnigmaDuties is EnigmaStorage, IEnigmaTasks {
    bytes32 public immutable domainSeparator = Receipts.domainSeparator("Enigma", address(this));

    function renewSeat(
        uint256 id,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) external locked {
        Seat held = _requireOperator(id);
        bytes32 platform = _platformHashes[id];
        SeatTerm memory term = _attest(platform, held.signer(), inputKey, identityBlock, quote, evidence);
        // A nearer exit stands: extending it would bring the seat into a lottery whose set must already be settled.
        if (held.exitEpoch() < term.activeEpoch) revert IEnigmaSeats.SeatNotLive(id, held.exitEpoch(), _currentEpoch());
        // Its bond stands for another seat now: two seats that live on would share one.
        if (_holders[id].escrow == Escrow.Rotated) revert IEnigmaSeats.NoBond(id);
        if (term.measurementId != held.measurementId()) {
            revert IEnigmaSeats.WrongMeasurement(term.measurementId, held.measurementId());
        }

        if (term.exitEpoch > held.exitEpoch()) held = held.withExit(term.exitEpoch);
        _seats[id] = held;
        SeatHolder memory holder = _holders[id];
        holder.seen(term.platformId, evidence).writeTo(_holders, id);
        // A live seat is listed on its platform; another record may be another machine's.
        if (term.platformHash != platform) {
            _platformHashes[id] = term.platformHash;
            PlatformSeats.enter(_platformSeats, _seats, _holders, _entry(id));
        }
        emit IEnigmaSeats.SeatRenewed(id, held.signer(), msg.sender, inputKey, held.exitEpoch(), identityBlock, quote, evidence);
    }

    function recheck(uint256 id, bytes calldata record) external {
        Seat held = _requireSeat(id);
        bytes32 recordHash = Receipts.hash(record);
        if (recordHash != _platformHashes[id]) revert IEnigmaSeats.WrongRecord(recordHash, _platformHashes[id]);
        Standing standing = _verifier.recheck(record);
        if (standing == Standing.Good) revert IEnigmaSeats.PlatformGood(id);

        // A seat that has left may have tasks to settle until it is cool: a revoked platform may not.
        bool isRevoked = standing == Standing.Revoked;
        uint256 current = _currentEpoch();
        Seat ended = isRevoked ? held.revokedBy(current) : held.endedBy(current + NOTICE_EPOCHS);
        if (ended.equals(held) || Seating.isCool(held, COOL_EPOCHS, current)) {
            revert IEnigmaSeats.SeatNotLive(id, held.exitEpoch(), current);
        }
        _seats[id] = ended;
        emit IEnigmaSeats.SeatEnded(id, ended.exitEpoch(), isRevoked);
    }

    function slash(uint256 id, bytes32 taskId, bytes32 anchor, SignedReceipt calldata a, SignedReceipt calldata b)
        external
        locked
    {
        Seat held = _requireSeat(id);
        uint256 current = _currentEpoch();
        if (Seating.isCool(held, COOL_EPOCHS, current)) revert IEnigmaSeats.SeatNotLive(id, held.exitEpoch(), current);
        bytes32 receipt = Slashing.requireSigned(domainSeparator, taskId, anchor, a, held.signer());
        if (receipt == Slashing.requireSigned(domainSeparator, taskId, anchor, b, held.signer())) {
            revert IEnigmaSeats.SameReceipt(receipt);
        }
        uint256 bondGwei = _forfeit(id, held, current);
        uint256 rewardGwei = bondGwei >> 1;
        unchecked {
            emit IEnigmaSeats.SeatSlashed(id, msg.sender, taskId, rewardGwei, bondGwei - rewardGwei);
        }
        if (rewardGwei != 0) Money.pay(payable(msg.sender), rewardGwei);
    }

    /// @dev Takes the seat out at once, with the one that stands in for it, and returns what stood for it.
    function _forfeit(uint256 id, Seat held, uint256 current) private returns (uint256 bondGwei) {
        Escrow escrow = _holders[id].escrow;
        bool isOut = held.activeEpoch() == LAST_EPOCH && escrow != Escrow.BondAndJoinFee;
        uint256 liable = id;
        if (escrow == Escrow.Rotated) (liable, escrow) = _liableFor(id);
        bondGwei = escrow.heldGwei(BOND_GWEI, JOIN_FEE_GWEI);
        if (bondGwei == 0 && isOut) revert IEnigmaSeats.NoBond(id);
        _seats[id] = held.revokedBy(current);
        if (bondGwei == 0) return 0;
        _holders[liable].escrow = escrow.burned();
        if (liable == id) return bondGwei;
        Seat out = _seats[liable].revokedBy(current);
        _seats[liable] = out;
        emit IEnigmaSeats.SeatEnded(liable, out.exitEpoch(), true);
    }

    /// @dev The seat that holds the bond of this one, and what it holds. A successor that was revoked may be cool, and another's, before
    /// this one is cool: whoever has taken it since answers for nothing.
    function _liableFor(uint256 id) private view returns (uint256 liable, Escrow escrow) {
        (liable, escrow) = (id, Escrow.Rotated);
        while (escrow == Escrow.Rotated) {
            Successor memory next = _successors[liable];
            if (_seats[next.seat].signer() != next.signer) return (id, Escrow.Rotated);
            (liable, escrow) = (next.seat, _holders[next.seat].escrow);
        }
    }
}
