// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../interfaces/IEnigma.sol";
import {Seat, SeatHolder, tagOf} from "../types/Seat.sol";

/**
 * Which seats run on which machine: a machine that was broken into is to be no more than a few seats of the lottery.
 *
 * A machine's list is one word of ten entries, 24 bits each: 1 + a seat's id, or zero behind the last. Nothing is struck off
 * when a seat ends or moves to another machine: an entry counts while its seat has not ended and bears this machine's tag.
 * Two machines share a tag with a chance of 2^-24; then an entry may count for longer than it should, never too briefly.
 */
library PlatformSeats {
    uint256 internal constant MAX_SEATS = 10;
    uint256 private constant ENTRY_BITS = 24;

    /// @dev Lists a seat that is to be on this machine from now on, unless it is listed already.
    function enter(
        mapping(bytes32 platformId => uint256 list) storage lists,
        mapping(uint256 id => Seat) storage seats,
        mapping(uint256 id => SeatHolder) storage holders,
        bytes32 platformId,
        uint256 id,
        uint256 limit,
        uint256 currentEpoch
    ) internal {
        uint256 list = lists[platformId];
        uint256 place;
        for (; place < limit; ++place) {
            uint256 entry = _entryAt(list, place);
            if (entry == id + 1) return;
            if (entry == 0) break;
        }
        if (place == limit) {
            uint24 tag = tagOf(platformId);
            for (place = 0; _counts(seats, holders, _entryAt(list, place) - 1, tag, currentEpoch);) {
                if (++place == limit) revert IEnigma.PlatformFull(platformId, limit);
            }
        }
        uint256 shift = place * ENTRY_BITS;
        lists[platformId] = (list & ~(uint256(type(uint24).max) << shift)) | (id + 1) << shift;
    }

    function _entryAt(uint256 list, uint256 place) private pure returns (uint256) {
        return uint24(list >> place * ENTRY_BITS);
    }

    function _counts(
        mapping(uint256 id => Seat) storage seats,
        mapping(uint256 id => SeatHolder) storage holders,
        uint256 id,
        uint24 tag,
        uint256 currentEpoch
    ) private view returns (bool) {
        return seats[id].exitEpoch() > currentEpoch && holders[id].platformTag == tag;
    }
}
