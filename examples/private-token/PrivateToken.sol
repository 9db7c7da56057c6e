// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "@enigma/contracts/src/dapp/Private.sol";

/// What is asked of the token that is wrapped: any ERC-20 that moves exactly what it is told to.
interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/**
 * Wraps an ERC-20 in balances that nobody sees.
 *
 * A balance rests on chain as a sealed word. A transfer is a private function: it opens both balances, moves the amount, and
 * returns both sealed anew; the callback puts them in the place of the old ones, if those still stand there. Amounts in and out
 * of the wrapper are public, as the token's own transfers are; so is who pays whom. What is paid is not.
 *
 * A transfer that is not covered moves nothing and looks on chain like one that is: only the payer is told.
 */
contract PrivateToken is EnigmaDapp {
    /// A balance as a private function leaves it.
    struct Change {
        address owner;
        /// Hash of the sealed balance that it found.
        bytes32 before;
        bytes sealedBalance;
    }

    IERC20 public immutable token;
    /// All that is in the wrapper, in sealed balances or deposited.
    uint256 public totalSupply;
    /// Paid in, and not yet part of the owner's sealed balance: his next transfer or withdrawal takes it in.
    mapping(address owner => uint256) public deposited;

    event Deposited(address indexed owner, uint256 amount);
    event Transferred(address indexed from, address indexed to);
    event Withdrawn(address indexed owner, uint256 amount);

    error InvalidRecipient(address to);
    error OnlyOwner(address caller);
    /// @dev Without figures. The payer alone reads it.
    error BalanceTooLow();
    error TokenRefused();

    constructor(IEnigma enigma, IERC20 token_) EnigmaDapp(enigma) {
        token = token_;
    }

    /* PAYING IN */

    /// @notice Takes `amount` of the token from the caller, who has approved it. An ordinary transaction: it needs no enclave.
    function deposit(uint256 amount) external {
        deposited[msg.sender] += amount;
        totalSupply += amount;
        emit Deposited(msg.sender, amount);
        if (!token.transferFrom(msg.sender, address(this), amount)) revert TokenRefused();
    }

    /* BALANCES */

    /// @notice Tells `owner`, who must be the caller, what he has: `reply` is a `uint256` that he alone opens. Runs in private.
    function balanceOf(address owner, bytes32 replyKey) external view returns (bytes memory reply) {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        (uint256 balance,) = _open(owner);
        return Private.sealTo(replyKey, abi.encode(balance + deposited[owner]));
    }

    /// @notice Receives what `balanceOf` returned. There is nothing to do: the owner reads it in the event.
    function receiveBalance(bytes calldata reply) external onlyEnigma {}

    /* TRANSFERS */

    /**
     * @notice Moves `amount` from the caller to `to`, if he has as much. Runs in private.
     * @return payer His balance as it is then; the same, sealed anew, if he has less.
     * @return payee Theirs.
     * @return takenIn What the payer had deposited, now part of his balance.
     * @return reply Whether it was covered: a `bool` that the payer alone opens.
     */
    function transfer(address to, uint256 amount, bytes32 replyKey)
        external
        view
        returns (Change memory payer, Change memory payee, uint256 takenIn, bytes memory reply)
    {
        if (to == address(0) || to == address(this) || to == msg.sender) revert InvalidRecipient(to);
        (uint256 balance, bytes32 before) = _open(msg.sender);
        (uint256 theirs, bytes32 theirsBefore) = _open(to);
        takenIn = deposited[msg.sender];
        balance += takenIn;

        // One path for both outcomes: the same calls, bytes and gas.
        bool isCovered = amount <= balance;
        uint256 moved = isCovered ? amount : 0;
        payer = _seal(msg.sender, before, balance - moved);
        payee = _seal(to, theirsBefore, theirs + moved);
        reply = Private.sealTo(replyKey, abi.encode(isCovered));
    }

    /// @notice Receives what `transfer` returned. Reverts with `StateChanged` if either balance has changed meanwhile.
    function receiveTransfer(Change calldata payer, Change calldata payee, uint256 takenIn, bytes calldata)
        external
        onlyEnigma
    {
        deposited[payer.owner] -= takenIn;
        _replace(payer);
        _replace(payee);
        emit Transferred(payer.owner, payee.owner);
    }

    /* PAYING OUT */

    /// @notice Takes `amount` out of the caller's balance. Runs in private; the amount is public once it is paid.
    function withdraw(uint256 amount) external view returns (Change memory change, uint256 takenIn, uint256 paid) {
        (uint256 balance, bytes32 before) = _open(msg.sender);
        takenIn = deposited[msg.sender];
        balance += takenIn;
        if (amount > balance) revert BalanceTooLow();
        return (_seal(msg.sender, before, balance - amount), takenIn, amount);
    }

    /// @notice Receives what `withdraw` returned, and pays it out.
    function receiveWithdrawal(Change calldata change, uint256 takenIn, uint256 amount) external onlyEnigma {
        deposited[change.owner] -= takenIn;
        totalSupply -= amount;
        _replace(change);
        emit Withdrawn(change.owner, amount);
        if (!token.transfer(change.owner, amount)) revert TokenRefused();
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        if (callable == this.transfer.selector) return this.receiveTransfer.selector;
        if (callable == this.withdraw.selector) return this.receiveWithdrawal.selector;
        if (callable == this.balanceOf.selector) return this.receiveBalance.selector;
        return 0;
    }

    function _open(address owner) private view returns (uint256 balance, bytes32 before) {
        bytes memory state;
        (state, before) = _openState(_label(owner));
        if (state.length != 0) balance = abi.decode(state, (uint256));
    }

    function _seal(address owner, bytes32 before, uint256 balance) private view returns (Change memory) {
        return Change(owner, before, Private.seal(abi.encode(balance), address(this), _label(owner)));
    }

    function _replace(Change calldata change) private {
        _replaceState(_label(change.owner), change.before, change.sealedBalance);
    }

    /// @dev Balances are the dApp's own state, one for each account. Replaced as a whole and never stored by their owners, they need
    /// no version: an old one is put back by no one.
    function _label(address owner) private pure returns (bytes32) {
        return bytes32(uint256(uint160(owner)));
    }
}
