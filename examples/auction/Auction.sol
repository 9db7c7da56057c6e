// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";
import {Private} from "@enigma/contracts/src/dapp/Private.sol";

/**
 * Auctions with sealed bids, opened by nobody: not by the seller, not by an auctioneer, not after the end.
 *
 * A bid is stored sealed, with a deposit that is the same for everyone and that no bid can exceed: it tells nothing. After the
 * deadline anyone may ask for the winner; one task compares all bids, and the chain learns who won and what he pays.
 *
 * The seller chooses what that is. In a second-price auction the winner pays the next bid: then it is best to bid what the thing
 * is worth to oneself, and one losing bid becomes known, though not whose. In a first-price auction none does.
 *
 * Money is pulled, each takes his own. Where no result has come a week after the deadline, everyone takes his deposit back.
 */
contract Auction is EnigmaDapp {
    struct Sale {
        address seller;
        bool isSecondPrice;
        bool isSettled;
        uint64 endsAt;
        address winner;
        uint128 reserveWei;
        /// What everyone deposits, and the most that can be bid.
        uint128 depositWei;
        uint128 priceWei;
        string item;
    }

    /// So that one task of the client's usual gas class can open all bids: 34,000 gas each.
    uint256 public constant MOST_BIDS = 100;
    /// How long a result may take. From then on deposits go back, and none is accepted.
    uint256 public constant SETTLE_SECONDS = 7 days;

    Sale[] private _sales;
    mapping(uint256 sale => address[]) private _bidders;
    mapping(uint256 sale => mapping(address => bool)) public hasBid;
    mapping(uint256 sale => mapping(address => bool)) public hasWithdrawn;

    event Opened(uint256 indexed sale, address indexed seller, string item, uint256 endsAt);
    event Bid(uint256 indexed sale, address indexed bidder);
    /// @param winner Zero if no bid reached the reserve.
    event Settled(uint256 indexed sale, address indexed winner, uint256 priceWei, uint256 counted);
    event Withdrawn(uint256 indexed sale, address indexed by, uint256 amountWei);

    error InvalidSale();
    error NoSuchSale(uint256 sale);
    error BiddingEnded(uint256 endsAt);
    error BiddingNotEnded(uint256 endsAt);
    error BidBefore(address bidder);
    error TooManyBids();
    error WrongDeposit(uint256 sentWei, uint256 depositWei);
    error SettledBefore(uint256 sale);
    error TooLate(uint256 endedAt);
    error NotSettledYet();
    error NothingToWithdraw(address caller);
    error NotTaken(address caller);

    constructor(IEnigma enigma) EnigmaDapp(enigma) {}

    /* BIDDING */

    /// @notice Puts something up for sale, with the caller as its seller.
    /// @param reserveWei What a bid must reach.
    /// @param depositWei What everyone deposits, and the most that can be bid.
    function open(string calldata item, bool isSecondPrice, uint128 reserveWei, uint128 depositWei, uint64 endsAt)
        external
        returns (uint256 sale)
    {
        if (endsAt <= block.timestamp || depositWei == 0 || reserveWei > depositWei) revert InvalidSale();
        sale = _sales.length;
        Sale storage s = _sales.push();
        (s.seller, s.isSecondPrice, s.endsAt) = (msg.sender, isSecondPrice, endsAt);
        (s.reserveWei, s.depositWei, s.item) = (reserveWei, depositWei, item);
        emit Opened(sale, msg.sender, item, endsAt);
    }

    /// @notice What a bid is sealed as: `enigma.seal({ label: bidLabel(sale), … })`.
    function bidLabel(uint256 sale) public pure returns (bytes32) {
        return keccak256(abi.encode("bid", sale));
    }

    /**
     * @notice Bids, once, with the deposit in the transaction.
     * @param amount A `uint256` in wei, sealed under `bidLabel`. Above the deposit, below the reserve, or if it does not open, it
     * does not count, and the deposit comes back like any loser's.
     */
    function bid(uint256 sale, bytes calldata amount) external payable {
        Sale storage s = _sale(sale);
        if (block.timestamp >= s.endsAt) revert BiddingEnded(s.endsAt);
        if (msg.value != s.depositWei) revert WrongDeposit(msg.value, s.depositWei);
        if (hasBid[sale][msg.sender]) revert BidBefore(msg.sender);
        if (_bidders[sale].length == MOST_BIDS) revert TooManyBids();
        hasBid[sale][msg.sender] = true;
        _bidders[sale].push(msg.sender);
        _storeSealedWord(bidLabel(sale), amount);
        emit Bid(sale, msg.sender);
    }

    /* THE WINNER */

    /**
     * @notice Finds the winner. Runs in private: it opens every bid. Anyone may ask: bids are fixed by then, so that there is one
     * answer, and it is for everybody.
     * @return settled The sale, again.
     * @return winner The highest bid's; of equals, who bid first. Zero if none reached the reserve.
     * @return priceWei What he pays.
     * @return counted Bids that opened.
     */
    function findWinner(uint256 sale)
        external
        view
        returns (uint256 settled, address winner, uint256 priceWei, uint256 counted)
    {
        Sale storage s = _sale(sale);
        if (block.timestamp < s.endsAt) revert BiddingNotEnded(s.endsAt);
        if (s.isSettled) revert SettledBefore(sale);

        (uint256 reserveWei, uint256 depositWei) = (s.reserveWei, s.depositWei);
        address[] memory bidders = _bidders[sale];
        uint256 highest;
        uint256 second = reserveWei;
        for (uint256 i; i < bidders.length; ++i) {
            (bool isOpen, uint256 amount) = _bidOf(bidders[i], sale);
            if (!isOpen) continue;
            ++counted;
            if (amount < reserveWei || amount > depositWei) continue;
            if (winner == address(0)) (winner, highest) = (bidders[i], amount);
            else if (amount > highest) (winner, highest, second) = (bidders[i], amount, highest);
            else if (amount > second) second = amount;
        }
        if (winner != address(0)) priceWei = s.isSecondPrice ? second : highest;
        return (sale, winner, priceWei, counted);
    }

    /// @notice Receives what `findWinner` returned. The first result stands.
    function winnerFound(uint256 sale, address winner, uint256 priceWei, uint256 counted) external onlyEnigma {
        Sale storage s = _sales[sale];
        if (s.isSettled) revert SettledBefore(sale);
        if (_isAbandoned(s)) revert TooLate(s.endsAt);
        (s.isSettled, s.winner, s.priceWei) = (true, winner, uint128(priceWei));
        emit Settled(sale, winner, priceWei, counted);
    }

    /* MONEY */

    /// @notice What `owner` may withdraw now: the seller the price, the winner what he deposited beyond it, everyone else his
    /// deposit. Before the result nothing; a week after the deadline, without one, every deposit.
    function owedTo(uint256 sale, address owner) public view returns (uint256 amountWei) {
        Sale storage s = _sale(sale);
        if (hasWithdrawn[sale][owner] || !(s.isSettled || _isAbandoned(s))) return 0;
        if (hasBid[sale][owner]) amountWei = s.depositWei;
        if (!s.isSettled || s.winner == address(0)) return amountWei;
        if (owner == s.winner) amountWei -= s.priceWei;
        if (owner == s.seller) amountWei += s.priceWei;
    }

    /// @notice Pays the caller what he is owed.
    function withdraw(uint256 sale) external {
        Sale storage s = _sale(sale);
        if (!(s.isSettled || _isAbandoned(s))) revert NotSettledYet();
        uint256 amountWei = owedTo(sale, msg.sender);
        if (amountWei == 0) revert NothingToWithdraw(msg.sender);
        hasWithdrawn[sale][msg.sender] = true;
        emit Withdrawn(sale, msg.sender, amountWei);
        (bool ok,) = msg.sender.call{value: amountWei}("");
        if (!ok) revert NotTaken(msg.sender);
    }

    /* VIEWS */

    function saleOf(uint256 sale) external view returns (Sale memory) {
        return _sale(sale);
    }

    function biddersOf(uint256 sale) external view returns (address[] memory) {
        return _bidders[sale];
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.findWinner.selector ? this.winnerFound.selector : bytes4(0);
    }

    function _sale(uint256 sale) private view returns (Sale storage) {
        if (sale >= _sales.length) revert NoSuchSale(sale);
        return _sales[sale];
    }

    function _isAbandoned(Sale storage s) private view returns (bool) {
        return !s.isSettled && block.timestamp >= s.endsAt + SETTLE_SECONDS;
    }

    /// @dev What does not open or is no number is no bid: one bidder must not stop the others.
    function _bidOf(address bidder, uint256 sale) private view returns (bool, uint256) {
        bytes32 label = bidLabel(sale);
        (bool isOpen, bytes memory plaintext) = Private.tryOpen(sealedData(bidder, label), bidder, label);
        return isOpen && plaintext.length == 32 ? (true, abi.decode(plaintext, (uint256))) : (false, 0);
    }
}
