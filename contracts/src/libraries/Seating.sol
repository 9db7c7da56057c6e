// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats, SeatView} from "../interfaces/IEnigmaSeats.sol";
import {Roster, Seat, SeatHolder} from "../types/Seat.sol";

/// Which seat is the next to be taken, and what is told of it.
library Seating {
    /// @dev Until then a task drawn on the seat may still be pending, and a draw of its epochs may still be recomputed.
    function isCool(Seat seat, uint256 coolEpochs, uint256 currentEpoch) internal pure returns (bool) {
        unchecked {
            // Both have less than 25 bits.
            return seat.exitEpoch() + coolEpochs <= currentEpoch;
        }
    }

    /// @dev Dead seats thin the lottery out, and one bond could leave any number behind. So each append looks at two seats in
    /// turn, and a cool one among them has to be taken first.
    function append(
        Roster storage roster,
        mapping(uint256 id => Seat) storage seats,
        uint256 coolEpochs,
        uint256 currentEpoch
    ) internal returns (uint256 id) {
        Roster memory next = roster;
        id = next.count;
        for (uint256 i; i < 2 && id != 0; ++i) {
            if (isCool(seats[next.cursor], coolEpochs, currentEpoch)) revert IEnigmaSeats.ReuseSeat(next.cursor);
            next = next.passed();
        }
        next = next.appended(currentEpoch);
        (roster.count, roster.countBefore) = (next.count, next.countBefore);
        (roster.epoch, roster.cursor) = (next.epoch, next.cursor);
    }

    /// @dev Without the last seat, which is cool: no draw of an epoch in use can meet it.
    function shorten(Roster storage roster, uint256 currentEpoch) internal {
        Roster memory next = roster.shortened(currentEpoch);
        (roster.count, roster.countBefore) = (next.count, next.countBefore);
        (roster.epoch, roster.cursor) = (next.epoch, next.cursor);
    }

    /// @dev On behalf of the operator, who calls.
    function announce(
        uint256 id,
        Seat taken,
        bytes32 inputKey,
        uint256 identityBlock,
        bytes calldata quote,
        bytes calldata evidence
    ) internal {
        emit IEnigmaSeats.SeatTaken(
            id,
            taken.signer(),
            msg.sender,
            inputKey,
            taken.activeEpoch(),
            taken.exitEpoch(),
            taken.measurementId(),
            identityBlock,
            quote,
            evidence
        );
    }

    function unpacked(
        Seat seat,
        SeatHolder memory holder,
        bytes32 platformHash,
        uint256 oneBondGwei,
        uint256 oneJoinFeeGwei
    ) internal pure returns (SeatView memory) {
        uint256 bondGwei = holder.escrow.heldGwei(oneBondGwei, 0);
        uint256 joinFeeGwei = holder.escrow.heldGwei(oneBondGwei, oneJoinFeeGwei) - bondGwei;
        return SeatView({
            signer: seat.signer(),
            operator: holder.operator,
            activeEpoch: seat.activeEpoch(),
            exitEpoch: seat.exitEpoch(),
            measurementId: seat.measurementId(),
            creditGwei: seat.creditGwei(),
            bondGwei: bondGwei,
            joinFeeGwei: joinFeeGwei,
            quoteBlock: holder.quoteBlock,
            platformHash: platformHash,
            leafBlock: holder.leafBlock,
            platformTag: holder.platformTag
        });
    }
}
