// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * A BLS12-381 public key (signatures in G1, keys in G2) and whether it signed, by the precompiles of EIP-2537.
 *
 * Hash to curve is RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO.
 */
abstract contract BlsKey {
    uint256 internal constant SIGNATURE_BYTES = 128;

    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_FP_TO_G1 = address(0x10);

    bytes private constant DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
    /// The field's prime, 48 bytes big-endian.
    bytes private constant P =
        hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    /// The generator of G2, negated, as EIP-2537 encodes it: x.c0 | x.c1 | y.c0 | y.c1, 64 bytes each.
    bytes private constant NEGATED_G2 = hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        hex"0000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        hex"000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa"
        hex"0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed";

    // The key in eight words: immutables cost no storage reads, and Solidity has none of type bytes.
    bytes32 private immutable KEY_0;
    bytes32 private immutable KEY_1;
    bytes32 private immutable KEY_2;
    bytes32 private immutable KEY_3;
    bytes32 private immutable KEY_4;
    bytes32 private immutable KEY_5;
    bytes32 private immutable KEY_6;
    bytes32 private immutable KEY_7;

    /// @dev 256 bytes on the curve and in the group of order r, not the point at infinity.
    error InvalidPublicKey();
    /// @notice This chain has not all precompiles of EIP-2537.
    /// @param precompile Its address.
    error PrecompileFailed(address precompile);

    /// @param publicKey_ A point in G2, 256 bytes, as EIP-2537 encodes it.
    constructor(bytes memory publicKey_) {
        if (publicKey_.length != 256) revert InvalidPublicKey();
        (KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7) =
            abi.decode(publicKey_, (bytes32, bytes32, bytes32, bytes32, bytes32, bytes32, bytes32, bytes32));
        // With the key at infinity, the signature at infinity would be valid over everything.
        if (keccak256(publicKey_) == keccak256(new bytes(256))) revert InvalidPublicKey();
        // The pairing precompile checks curve and group; paired with infinity, every point that passes yields one. Where
        // there is no such precompile, the call succeeds and returns nothing.
        (bool ok, bytes memory isOne) = PAIRING.staticcall(bytes.concat(new bytes(128), publicKey_));
        if (!ok) revert InvalidPublicKey();
        if (isOne.length != 32) revert PrecompileFailed(PAIRING);
    }

    /// @notice The point in G2, 256 bytes, as EIP-2537 encodes it.
    /// @return The point.
    function publicKey() public view returns (bytes memory) {
        return abi.encode(KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7);
    }

    /// @dev Whether `signature`, SIGNATURE_BYTES long, is the key's one signature over `message_`.
    function _isSigned(bytes32 message_, bytes calldata signature) internal view returns (bool) {
        // e(signature, -G2) · e(H(message), key) = 1. The precompile refuses points off the curve or outside the group and
        // coordinates that are not reduced: the encoding of a signature is as unique as the signature.
        bytes memory pairs = bytes.concat(signature, NEGATED_G2, _hashToG1(message_), publicKey());
        (bool ok, bytes memory isOne) = PAIRING.staticcall(pairs);
        return ok && uint256(bytes32(isOne)) == 1;
    }

    /// @dev RFC 9380 §3, hash_to_curve. MAP_FP_TO_G1 clears the cofactor of each point already; the map is linear.
    function _hashToG1(bytes32 message_) private view returns (bytes memory) {
        (bytes memory u0, bytes memory u1) = _hashToField(message_);
        return _precompile(G1_ADD, bytes.concat(_precompile(MAP_FP_TO_G1, u0), _precompile(MAP_FP_TO_G1, u1)));
    }

    /// @dev RFC 9380 §5.2 and §5.3.1: expand_message_xmd to 128 bytes, two elements of 64 bytes each, modulo P.
    function _hashToField(bytes32 message_) private view returns (bytes memory u0, bytes memory u1) {
        bytes memory dstPrime = bytes.concat(DST, bytes1(uint8(DST.length)));
        // Z_pad is one block of SHA-256; then the message, the output's length in two bytes, and a zero byte.
        bytes32 b0 = sha256(bytes.concat(new bytes(64), message_, hex"008000", dstPrime));
        bytes32 b1 = sha256(bytes.concat(b0, hex"01", dstPrime));
        bytes32 b2 = sha256(bytes.concat(b0 ^ b1, hex"02", dstPrime));
        bytes32 b3 = sha256(bytes.concat(b0 ^ b2, hex"03", dstPrime));
        bytes32 b4 = sha256(bytes.concat(b0 ^ b3, hex"04", dstPrime));
        return (_reduce(b1, b2), _reduce(b3, b4));
    }

    /// @dev A 64-byte number modulo P, as 64 bytes: MODEXP with exponent 1.
    function _reduce(bytes32 high, bytes32 low) private view returns (bytes memory) {
        bytes memory lengths = abi.encode(64, 1, 48);
        return bytes.concat(bytes16(0), _precompile(MODEXP, bytes.concat(lengths, high, low, hex"01", P)));
    }

    function _precompile(address precompile, bytes memory input) private view returns (bytes memory) {
        (bool ok, bytes memory output) = precompile.staticcall(input);
        if (!ok || output.length == 0) revert PrecompileFailed(precompile);
        return output;
    }
}
