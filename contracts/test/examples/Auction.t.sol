// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {Auction} from "../../../examples/auction/Auction.sol";
import {PrivateCalls} from "../support/PrivateCalls.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// The auction's rule and its money, run as the enclave and the chain run them, on bids that only look sealed.
contract AuctionTest is World {
    uint128 private constant RESERVE = 1 ether;
    uint128 private constant DEPOSIT = 10 ether;

    Auction private auction;
    uint256 private sale;
    address private seller = account("seller");

    function setUp() public override {
        super.setUp();
        PrivateCalls.install();
        auction = new Auction(enigma);
        sale = _open(true);
    }

    /* THE WINNER */

    function test_findWinner_paysTheSecondPrice() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, _bidder(1), "winner");
        assertEq(priceWei, 5 ether, "the next bid");
    }

    function test_findWinner_paysTheFirstPrice_whereTheSellerChoseIt() public {
        sale = _open(false);
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, _bidder(1), "winner");
        assertEq(priceWei, 7 ether, "his own bid");
    }

    function test_findWinner_aloneAboveTheReservePaysTheReserve() public {
        _bids([uint256(0), 7 ether, 1 ether - 1]);
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, _bidder(1), "winner");
        assertEq(priceWei, RESERVE, "price");
    }

    function test_findWinner_ofEqualsTakesTheFirst() public {
        _bids([uint256(2 ether), 4 ether, 4 ether]);
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, _bidder(1), "winner");
        assertEq(priceWei, 4 ether, "price");
    }

    function test_findWinner_passesOverWhatIsNoBid() public {
        _bid(_bidder(0), uint256(DEPOSIT) + 1);
        _bid(_bidder(1), 2 ether);
        bytes memory another = _sealed(_bidder(0), 9 ether);
        _bidSealed(_bidder(2), another);
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, _bidder(1), "winner");
        assertEq(priceWei, RESERVE, "price");
    }

    function test_findWinner_ofNoBidsIsNobody() public {
        (address winner, uint256 priceWei) = _result();
        assertEq(winner, address(0), "winner");
        assertEq(priceWei, 0, "price");
    }

    function test_S26_findWinner_revertsWhen_biddingGoesOn() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        uint256 endsAt = auction.saleOf(sale).endsAt;
        vm.warp(endsAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Auction.BiddingNotEnded.selector, endsAt));
        auction.findWinner(sale);
    }

    function test_findWinner_revertsWhen_settledBefore_orNoSuchSale() public {
        _settle();
        vm.expectRevert(abi.encodeWithSelector(Auction.SettledBefore.selector, sale));
        auction.findWinner(sale);
        vm.expectRevert(abi.encodeWithSelector(Auction.NoSuchSale.selector, sale + 1));
        auction.findWinner(sale + 1);
    }

    function test_aBidOpensInNoOtherSale() public {
        bytes memory elsewhere = _sealed(_bidder(0), 9 ether);
        sale = _open(true);
        _bidSealed(_bidder(0), elsewhere);
        (address winner,) = _result();
        assertEq(winner, address(0), "winner");
    }

    /* MONEY */

    function test_withdraw_paysSellerWinnerAndLosers() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        _settle();
        assertEq(_withdraw(seller), 5 ether, "seller");
        assertEq(_withdraw(_bidder(0)), DEPOSIT, "loser");
        assertEq(_withdraw(_bidder(1)), DEPOSIT - 5 ether, "winner");
        assertEq(_withdraw(_bidder(2)), DEPOSIT, "second");
        assertEq(address(auction).balance, 0, "nothing left");
    }

    function test_withdraw_revertsWhen_takenBefore_orNothingIsOwed_orNotSettled() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        vm.expectRevert(Auction.NotSettledYet.selector);
        vm.prank(_bidder(0));
        auction.withdraw(sale);
        _settle();
        _withdraw(_bidder(0));
        vm.expectRevert(abi.encodeWithSelector(Auction.NothingToWithdraw.selector, _bidder(0)));
        vm.prank(_bidder(0));
        auction.withdraw(sale);
        vm.expectRevert(abi.encodeWithSelector(Auction.NothingToWithdraw.selector, user));
        vm.prank(user);
        auction.withdraw(sale);
    }

    function test_withdraw_givesBackAllDeposits_whenNoResultEverCame() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        uint256 endsAt = auction.saleOf(sale).endsAt;
        vm.warp(endsAt + 7 days - 1);
        vm.expectRevert(Auction.NotSettledYet.selector);
        vm.prank(_bidder(0));
        auction.withdraw(sale);
        vm.warp(endsAt + 7 days);
        // A result that comes now would be paid from deposits that are already on their way back.
        vm.expectRevert(abi.encodeWithSelector(Auction.TooLate.selector, endsAt));
        vm.prank(address(enigma));
        auction.winnerFound(sale, _bidder(1), 5 ether, 3);
        for (uint256 i; i < 3; ++i) {
            assertEq(_withdraw(_bidder(i)), DEPOSIT, "deposit");
        }
        assertEq(auction.owedTo(sale, seller), 0, "seller");
        assertEq(address(auction).balance, 0, "nothing left");
    }

    function test_withdraw_revertsWhen_theCallerTakesNoEther() public {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), DEPOSIT);
        bytes memory amount = _sealed(address(refuser), 2 ether);
        vm.prank(address(refuser));
        auction.bid{value: DEPOSIT}(sale, amount);
        _bid(_bidder(0), 3 ether);
        _settle();
        vm.expectRevert(abi.encodeWithSelector(Auction.NotTaken.selector, address(refuser)));
        vm.prank(address(refuser));
        auction.withdraw(sale);
        assertEq(_withdraw(_bidder(0)), DEPOSIT - 2 ether, "stops nobody else");
    }

    function test_withdraw_paysOnce_whenTheCallerComesBackIn() public {
        Reentrant thief = new Reentrant(auction, sale);
        vm.deal(address(thief), DEPOSIT);
        bytes memory amount = _sealed(address(thief), 0);
        vm.prank(address(thief));
        auction.bid{value: DEPOSIT}(sale, amount);
        _bid(_bidder(0), 3 ether);
        _settle();
        assertEq(_withdraw(address(thief)), DEPOSIT, "once");
        assertTrue(thief.wasRefused(), "refused");
    }

    /// Whatever is bid, by the seller too, in either kind of auction, settled or not: what goes out is what came in.
    function testFuzz_money_isNeitherMadeNorLost(uint256[5] memory bids, bool isSecondPrice, bool isLate) public {
        sale = _open(isSecondPrice);
        for (uint256 i; i < 5; ++i) {
            _bid(i == 4 ? seller : _bidder(i), bound(bids[i], 0, uint256(DEPOSIT) * 5 / 4));
        }
        assertEq(address(auction).balance, 5 * uint256(DEPOSIT), "deposits");
        if (isLate) vm.warp(auction.saleOf(sale).endsAt + 7 days);
        else _settle();
        Auction.Sale memory s = auction.saleOf(sale);
        for (uint256 i; i < 5; ++i) {
            address bidder = i == 4 ? seller : _bidder(i);
            uint256 expected = DEPOSIT;
            if (bidder == s.winner) expected -= s.priceWei;
            if (bidder == seller) expected += s.priceWei;
            assertEq(auction.owedTo(sale, bidder), expected, "owed");
            if (expected != 0) assertEq(_withdraw(bidder), expected, "withdrawn");
        }
        assertEq(address(auction).balance, 0, "nothing left");
        if (s.winner != address(0)) assertTrue(s.priceWei >= RESERVE && s.priceWei <= DEPOSIT, "price");
    }

    /// Nobody pays more than he bid, and nobody outbid him.
    function testFuzz_findWinner_isTheHighest_andNeverPaysMoreThanHisBid(uint256[4] memory bids, bool isSecondPrice)
        public
    {
        sale = _open(isSecondPrice);
        for (uint256 i; i < 4; ++i) {
            bids[i] = bound(bids[i], RESERVE, DEPOSIT);
            _bid(_bidder(i), bids[i]);
        }
        (address winner, uint256 priceWei) = _result();
        for (uint256 i; i < 4; ++i) {
            if (winner == _bidder(i)) assertTrue(priceWei <= bids[i], "price");
            else assertTrue(!isSecondPrice || priceWei >= bids[i], "outbid");
        }
    }

    /* BIDDING */

    function test_bid_revertsWhen_late_orTwice_orWithAnotherDeposit_orNotAWord() public {
        bytes memory amount = _sealed(_bidder(0), 2 ether);
        vm.expectRevert(abi.encodeWithSelector(Auction.WrongDeposit.selector, DEPOSIT - 1, DEPOSIT));
        _bidSealed(_bidder(0), amount, DEPOSIT - 1);
        bytes memory long = PrivateCalls.seal(address(auction), new bytes(64), _bidder(0), auction.bidLabel(sale));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, long.length));
        _bidSealed(_bidder(0), long, DEPOSIT);
        _bidSealed(_bidder(0), amount, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(Auction.BidBefore.selector, _bidder(0)));
        _bidSealed(_bidder(0), amount, DEPOSIT);
        uint256 endsAt = auction.saleOf(sale).endsAt;
        vm.warp(endsAt);
        vm.expectRevert(abi.encodeWithSelector(Auction.BiddingEnded.selector, endsAt));
        _bidSealed(_bidder(1), amount, DEPOSIT);
    }

    function test_bid_revertsWhen_oneTaskCouldNotReadThemAll() public {
        for (uint256 i; i < auction.MOST_BIDS(); ++i) {
            _bid(_bidder(i), 2 ether);
        }
        bytes memory amount = _sealed(user, 2 ether);
        vm.expectRevert(Auction.TooManyBids.selector);
        _bidSealed(user, amount, DEPOSIT);
    }

    function test_open_revertsWhen_nothingCouldBeSold() public {
        vm.expectRevert(Auction.InvalidSale.selector);
        auction.open("painting", true, RESERVE, DEPOSIT, uint64(block.timestamp));
        vm.expectRevert(Auction.InvalidSale.selector);
        auction.open("painting", true, DEPOSIT + 1, DEPOSIT, uint64(block.timestamp + 1));
        vm.expectRevert(Auction.InvalidSale.selector);
        auction.open("painting", true, 0, 0, uint64(block.timestamp + 1));
    }

    /* THE RESULT */

    function test_winnerFound_revertsWhen_settledBefore_orNotFromEnigma() public {
        _bids([uint256(3 ether), 7 ether, 5 ether]);
        _settle();
        vm.expectRevert(abi.encodeWithSelector(Auction.SettledBefore.selector, sale));
        vm.prank(address(enigma));
        auction.winnerFound(sale, _bidder(0), 1, 3);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, seller));
        vm.prank(seller);
        auction.winnerFound(sale, _bidder(0), DEPOSIT, 3);
    }

    /* HELPERS */

    function _open(bool isSecondPrice) private returns (uint256) {
        vm.prank(seller);
        return auction.open("painting", isSecondPrice, RESERVE, DEPOSIT, uint64(block.timestamp + 1 days));
    }

    function _bidder(uint256 i) private pure returns (address) {
        return address(uint160(0xb1dde20000 + i));
    }

    function _bids(uint256[3] memory amounts) private {
        for (uint256 i; i < 3; ++i) {
            _bid(_bidder(i), amounts[i]);
        }
    }

    function _bid(address bidder, uint256 amountWei) private {
        _bidSealed(bidder, _sealed(bidder, amountWei));
    }

    function _bidSealed(address bidder, bytes memory amount) private {
        _bidSealed(bidder, amount, DEPOSIT);
    }

    function _bidSealed(address bidder, bytes memory amount, uint256 valueWei) private {
        vm.deal(bidder, valueWei);
        vm.prank(bidder);
        auction.bid{value: valueWei}(sale, amount);
    }

    function _sealed(address bidder, uint256 amountWei) private view returns (bytes memory) {
        return PrivateCalls.seal(address(auction), abi.encode(amountWei), bidder, auction.bidLabel(sale));
    }

    function _result() private returns (address winner, uint256 priceWei) {
        vm.warp(auction.saleOf(sale).endsAt);
        (, winner, priceWei,) = auction.findWinner(sale);
    }

    function _settle() private {
        vm.warp(auction.saleOf(sale).endsAt);
        (, address winner, uint256 priceWei, uint256 counted) = auction.findWinner(sale);
        vm.prank(address(enigma));
        auction.winnerFound(sale, winner, priceWei, counted);
    }

    function _withdraw(address by) private returns (uint256) {
        uint256 before = by.balance;
        vm.prank(by);
        auction.withdraw(sale);
        return by.balance - before;
    }
}

contract Refuser {}

/// Withdraws again while it is being paid.
contract Reentrant {
    Auction private immutable auction;
    uint256 private immutable sale;
    bool public wasRefused;

    constructor(Auction auction_, uint256 sale_) {
        (auction, sale) = (auction_, sale_);
    }

    receive() external payable {
        try auction.withdraw(sale) {}
        catch {
            wasRefused = true;
        }
    }
}
