// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats} from "../interfaces/IEnigmaSeats.sol";
import {Seat, SeatHolder} from "../types/Seat.sol";

/// @dev A seat to be listed on a machine.
struct PlatformEntry {
    uint256 seat;
    uint24 tag;
    /// Live seats that one machine may hold.
    uint256 limit;
    uint256 currentEpoch;
}

/**
 * Which seats run on which machine: a machine that was broken into is to be no more than a few seats of the lottery.
 *
 * A machine's list is one word of ten entries, 24 bits each: 1 + a seat's id, or zero behind the last. Nothing is struck off
 * when a seat ends or moves to another machine: an entry counts while its seat has not ended and bears this machine's tag, the low
 * 24 bits of its id. Two machines share a tag, and with it their list, with a chance of 2^-24.
 */
library PlatformSeats {
    uint256 internal constant MAX_SEATS = 10;
    uint256 private constant ENTRY_BITS = 24;

    /// @dev Lists a seat that is to be on this machine from now on, unless it is listed already.
    function enter(
        mapping(uint24 tag => uint256 list) storage lists,
        mapping(uint256 id => Seat) storage seats,
        mapping(uint256 id => SeatHolder) storage holders,
        PlatformEntry memory entry
    ) internal {
        uint256 list = lists[entry.tag];
        uint256 place;
        for (; place < entry.limit; ++place) {
            uint256 listed = _entryAt(list, place);
            if (listed == entry.seat + 1) return;
            if (listed == 0) break;
        }
        if (place == entry.limit) {
            for (place = 0; _counts(seats, holders, _entryAt(list, place) - 1, entry);) {
                if (++place == entry.limit) revert IEnigmaSeats.PlatformFull(entry.tag, entry.limit);
            }
        }
        lists[entry.tag] = _with(list, place, entry.seat);
    }

    /// @dev `to` takes the place of `from`, which ends when it begins. Whether it has a place now.
    function replace(mapping(uint24 tag => uint256 list) storage lists, uint24 tag, uint256 from, uint256 to)
        internal
        returns (bool)
    {
        uint256 list = lists[tag];
        // Listed twice it would count twice; listed before, it has a place already.
        if (_placeOf(list, to) != MAX_SEATS) return true;
        uint256 place = _placeOf(list, from);
        if (place == MAX_SEATS) return false;
        lists[tag] = _with(list, place, to);
        return true;
    }

    /// @dev MAX_SEATS if it is not listed.
    function _placeOf(uint256 list, uint256 seat) private pure returns (uint256 place) {
        while (place < MAX_SEATS && _entryAt(list, place) != seat + 1) ++place;
    }

    function _with(uint256 list, uint256 place, uint256 seat) private pure returns (uint256) {
        uint256 shift = place * ENTRY_BITS;
        return (list & ~(uint256(type(uint24).max) << shift)) | (seat + 1) << shift;
    }

    function _entryAt(uint256 list, uint256 place) private pure returns (uint256) {
        return uint24(list >> place * ENTRY_BITS);
    }

    function _counts(
        mapping(uint256 id => Seat) storage seats,
        mapping(uint256 id => SeatHolder) storage holders,
        uint256 id,
        PlatformEntry memory entry
    ) private view returns (bool) {
        return seats[id].exitEpoch() > entry.currentEpoch && holders[id].platformTag == entry.tag;
    }
}
