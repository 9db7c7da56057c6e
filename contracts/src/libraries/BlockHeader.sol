// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * The timestamp in a block's header, RLP as it is hashed (Ethereum's Yellow Paper, §4.4.3 and appendix B).
 *
 * Only fields up to the timestamp are read: networks and forks differ in those after it. Whoever calls has compared the hash.
 */
library BlockHeader {
    /// @dev Not the RLP list of strings, each encoded in the only way, that a header is up to its timestamp.
    /// @param offset The byte at which it is wrong.
    error MalformedHeader(uint256 offset);

    /// @dev Before it stand parentHash, ommersHash, beneficiary, three roots, logsBloom, difficulty, number, gasLimit, gasUsed.
    uint256 private constant FIELDS_BEFORE_TIMESTAMP = 11;
    /// @dev Of uint40: enough until the year 36,812.
    uint256 private constant MOST_TIMESTAMP_BYTES = 5;

    /// @dev In seconds of Unix time.
    function timestampOf(bytes calldata header) internal pure returns (uint40) {
        // The bloom filter alone has 256 bytes, and a header never 65,536: its length always takes two.
        if (header.length < 3 || header[0] != 0xf9 || header[1] == 0) revert MalformedHeader(0);
        if (uint16(bytes2(header[1:3])) + uint256(3) != header.length) revert MalformedHeader(1);
        uint256 offset = 3;
        for (uint256 i; i < FIELDS_BEFORE_TIMESTAMP; ++i) {
            (, offset) = _stringAt(header, offset);
        }
        (uint256 start, uint256 end) = _stringAt(header, offset);
        uint256 length = end - start;
        // Scalars have no leading zeros.
        if (length > MOST_TIMESTAMP_BYTES || (length != 0 && header[start] == 0)) revert MalformedHeader(offset);
        return uint40(uint256(bytes32(header[start:end])) >> (256 - 8 * length));
    }

    /// @dev Where the content of the string at `offset` starts and ends; the next item begins where it ends.
    function _stringAt(bytes calldata header, uint256 offset) private pure returns (uint256 start, uint256 end) {
        // No field of a header needs more than two bytes for its length, so three are enough to look at.
        uint256 head = offset < header.length ? uint24(bytes3(header[offset:])) : 0xffffff;
        uint256 first = head >> 16;
        if (first < 0x80) return (offset, offset + 1);
        uint256 length;
        if (first < 0xb8) (start, length) = (offset + 1, first - 0x80);
        else if (first == 0xb8) (start, length) = (offset + 2, (head >> 8) & 0xff);
        else if (first == 0xb9) (start, length) = (offset + 3, head & 0xffff);
        else revert MalformedHeader(offset);
        end = start + length;
        if (end > header.length || !_isShortest(first, length, head)) revert MalformedHeader(offset);
    }

    /// @dev Whether a string that begins with `head` could not have been encoded in fewer bytes.
    function _isShortest(uint256 first, uint256 length, uint256 head) private pure returns (bool) {
        if (first == 0x81) return (head >> 8) & 0xff >= 0x80;
        if (first == 0xb8) return length > 55;
        return first != 0xb9 || length > 255;
    }
}
