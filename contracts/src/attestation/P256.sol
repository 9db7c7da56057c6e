// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * ECDSA on P-256 by the precompile of EIP-7951, at 0x100.
 *
 * It answers one word, 1, for a valid signature and nothing for any other; where there is no precompile the call
 * succeeds and answers nothing too, which reads as invalid. It has no low-s rule, and must not: Intel does not
 * normalise s.
 */
library P256 {
    function verify(bytes32 hash, uint256 r, uint256 s, uint256 x, uint256 y) internal view returns (bool valid) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, hash)
            mstore(add(input, 0x20), r)
            mstore(add(input, 0x40), s)
            mstore(add(input, 0x60), x)
            mstore(add(input, 0x80), y)
            mstore(0x00, 0)
            let done := staticcall(gas(), 0x100, input, 0xa0, 0x00, 0x20)
            valid := and(done, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
    }

    /// @dev Whether a known signature is valid here and a wrong one is not: RFC 6979 A.2.5, "sample" with SHA-256,
    /// whose s is high.
    function works() internal view returns (bool) {
        bytes32 hash = sha256("sample");
        uint256 r = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716;
        uint256 s = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8;
        uint256 x = 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6;
        uint256 y = 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299;
        return verify(hash, r, s, x, y) && !verify(hash, r, s ^ 1, x, y);
    }
}
