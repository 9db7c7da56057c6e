// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * Ether that its owner has locked up for a month.
 *
 * Stands for a vault that is on the chain already: it knows nothing of Enigma or of the lender.
 */
contract Vault {
    uint256 public constant LOCK_SECONDS = 30 days;

    mapping(address owner => uint256 amountWei) public locked;
    mapping(address owner => uint256 time) public lockedUntil;

    error StillLocked(uint256 until);
    error NotTaken(address owner);

    /// @notice Locks what is sent, and what was locked before with it.
    function lock() external payable {
        locked[msg.sender] += msg.value;
        lockedUntil[msg.sender] = block.timestamp + LOCK_SECONDS;
    }

    function unlock() external {
        if (block.timestamp < lockedUntil[msg.sender]) revert StillLocked(lockedUntil[msg.sender]);
        uint256 amountWei = locked[msg.sender];
        locked[msg.sender] = 0;
        (bool ok,) = msg.sender.call{value: amountWei}("");
        if (!ok) revert NotTaken(msg.sender);
    }
}
