// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * Creates the parts of one network, which name one another's addresses: beacon, timelock, the two halves of Enigma.
 *
 * Deployed by CREATE2, it is at the same address on every chain, and what it creates is at addresses that follow from its own by
 * number alone. So every part can be told where the others will be, and the first Core where its network will be, before
 * any of them exists; and a deployment that was interrupted goes on where it stopped. What stands at those addresses is the
 * owner's word until it is compared with its source. It has no power over what it made. Why so:
 * docs/decisions/0032-where-a-network-will-be.md.
 */
contract NetworkDeployer {
    /// @notice Who creates parts.
    address public immutable owner;
    /// Tells the networks of one owner apart.
    bytes32 public immutable salt;
    /// How many parts were created.
    uint256 public made;

    /// @notice A part is where `addressOf` said.
    /// @param part The part's number, from 0 on.
    /// @param created Where it is.
    event PartCreated(uint256 indexed part, address created);

    /// @notice Only the owner.
    /// @param caller Who called.
    error OnlyOwner(address caller);
    /// @notice Parts are created in their order, each once.
    /// @param part The part's number, from 0 on.
    /// @param made How many parts there are.
    error NotNext(uint256 part, uint256 made);

    /// @param owner_ The owner.
    /// @param salt_ Tells the networks of one owner apart.
    constructor(address owner_, bytes32 salt_) {
        (owner, salt) = (owner_, salt_);
    }

    /// @notice Only the owner. Reverts with the reason of the part's constructor.
    /// @param part Its number, so that a call which was sent twice creates it once.
    /// @param code Creation code with its arguments.
    /// @return created Its address.
    function create(uint256 part, bytes calldata code) external returns (address created) {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        if (part != made) revert NotNext(part, made);
        made = part + 1;
        bytes memory copy = code;
        assembly ("memory-safe") {
            created := create(0, add(copy, 0x20), mload(copy))
            if iszero(created) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
        emit PartCreated(part, created);
    }

    /// @notice Where the part is, or will be; one of the first 127.
    /// @dev A contract's first nonce is 1 (EIP-161); a creation that fails takes its nonce back with the whole call.
    /// @param part The part's number, from 0 on.
    /// @return Its address.
    function addressOf(uint256 part) external view returns (address) {
        bytes32 hash = keccak256(abi.encodePacked(hex"d694", address(this), uint8(part + 1)));
        return address(uint160(uint256(hash)));
    }
}
