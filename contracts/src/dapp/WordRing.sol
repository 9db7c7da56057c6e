// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Words by number, of which the latest stay: see `WordRings`.
struct WordRing {
    mapping(uint256 place => uint256 word) words;
}

/**
 * Storage for what callbacks leave behind, used over and over.
 *
 * A word of storage that was zero costs 22,100 gas to write, one that was not 5,000 (EIP-2200, EIP-2929), and stays in the chain's
 * state for good. A dApp that keeps an answer for each task in a mapping pays for a new one each time. A ring pays for its first
 * `capacity` words; from then on number n takes the place of number n - capacity. No word is ever set back to zero.
 *
 *     using WordRings for WordRing;
 *     WordRing private _answers;
 *     ...
 *     _answers.put(CAPACITY, round, uint192(answer));
 *     (bool isKept, uint192 answer) = _answers.get(CAPACITY, round);
 *
 * Numbers are the dApp's: a round, a count of its own. They may come late or not at all, as results do that are delivered again or
 * given up; whatever has been replaced meanwhile is refused. `capacity` must be the same in each call: with another one, words are
 * sought where they are not.
 */
library WordRings {
    /// A word is number + 1, and the value in its low bits: so none is zero, and each says whose it is.
    uint256 private constant VALUE_BITS = 192;

    /// @dev The number is too large, or its place already holds a later one.
    error NotKept(uint256 number, uint256 kept);

    /// @dev Keeps `value` under `number`, in the place of the number that is `capacity` lower. A number's value may be replaced.
    function put(WordRing storage ring, uint256 capacity, uint256 number, uint192 value) internal {
        uint256 place = number % capacity;
        uint256 tag = ring.words[place] >> VALUE_BITS;
        if (number >= type(uint64).max || number + 1 < tag) revert NotKept(number, tag == 0 ? 0 : tag - 1);
        ring.words[place] = (number + 1) << VALUE_BITS | value;
    }

    /// @return isKept False before `number` was put, and after its place was taken.
    function get(WordRing storage ring, uint256 capacity, uint256 number)
        internal
        view
        returns (bool isKept, uint192 value)
    {
        uint256 word = ring.words[number % capacity];
        isKept = number < type(uint64).max && word >> VALUE_BITS == number + 1;
        if (isKept) value = uint192(word);
    }
}
