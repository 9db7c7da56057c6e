// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaTasks} from "../interfaces/IEnigmaTasks.sol";
import {Epoch} from "../types/Epoch.sol";
import {Seat} from "../types/Seat.sol";

/**
 * The lottery of an epoch: which seats serve a dApp's lane, in which order.
 *
 * The contract, Surface and the client each run it alone and must agree to the byte;
 * `packages/protocol/vectors/worker-selection.json` holds them to that. Nothing that a requester chooses freely enters:
 * neither the task's id nor its inputs, else he would try until his own worker is drawn.
 */
library Selection {
    /// Ranks that may settle a task, each in its turn.
    uint256 internal constant RANKS = 3;
    /// With half of the seats dead, rank 0 is missed with a chance of 2^-64.
    uint256 internal constant MAX_DRAWS = 64;

    /**
     * @dev The seat of this rank: the rank-th live seat among the draws, not counting seats whose signer was drawn before.
     * A signer that holds many seats is thereby no backup of itself. `rank` is below RANKS, and no signer is zero.
     * Reverts with NoLiveSeat if MAX_DRAWS draws do not meet it.
     */
    function find(mapping(uint256 id => Seat) storage seats, Epoch epoch, address dApp, uint256 lane, uint256 rank)
        internal
        view
        returns (uint256 id, Seat seat)
    {
        uint256 before = rank; // signers still to pass over
        address latest;
        address earlier;
        for (uint256 j; j < MAX_DRAWS; ++j) {
            id = _draw(epoch, dApp, lane, j);
            seat = seats[id];
            if (!seat.isLiveIn(epoch)) continue;
            address signer = seat.signer();
            if (signer == latest || signer == earlier) continue;
            if (before == 0) return (id, seat);
            --before;
            (latest, earlier) = (signer, latest);
        }
        revert IEnigmaTasks.NoLiveSeat(epoch.number(), dApp, lane, rank);
    }

    /// @dev Reverts with NoLiveSeat exactly where `find` does for rank 0, at 150 gas less.
    function requireAny(mapping(uint256 id => Seat) storage seats, Epoch epoch, address dApp, uint256 lane)
        internal
        view
    {
        // Nearly always the first draw meets a live seat: the loop around it would cost more than its test.
        if (seats[_draw(epoch, dApp, lane, 0)].absenceFrom(epoch) != 0) find(seats, epoch, dApp, lane, 0);
    }

    /// @dev uint256(keccak256(abi.encode(seed, dApp, lane, j))) mod T, without allocating memory at each draw. A lottery has
    /// seats, so that T is not zero; with under 2^24 of them the bias of the remainder is below 2^-232.
    function _draw(Epoch epoch, address dApp, uint256 lane, uint256 j) private pure returns (uint256 id) {
        uint256 seed = epoch.seed();
        uint256 seatCount = epoch.seatCount();
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, seed)
            mstore(add(words, 0x20), shr(96, shl(96, dApp))) // assembly may find dirt above an address
            mstore(add(words, 0x40), lane)
            mstore(add(words, 0x60), j)
            id := mod(keccak256(words, 0x80), seatCount)
        }
    }
}
