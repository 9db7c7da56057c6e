// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp} from "../../src/dapp/EnigmaDapp.sol";
import {packTarget, Task} from "../../src/types/Task.sol";
import {IPriceFeed, IVault, Loan} from "../../../examples/loan/Loan.sol";
import {PriceFeed} from "../../../examples/loan/PriceFeed.sol";
import {Vault} from "../../../examples/loan/Vault.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// The lender's rule, run as the enclave runs it: a static call with the applicant as sender.
contract LoanTest is World {
    Loan private loan;
    PriceFeed private feed;
    Vault private vault;
    address private lender = account("lender");

    function setUp() public override {
        super.setUp();
        startNetwork();
        feed = new PriceFeed(8, 2500e8);
        vault = new Vault();
        vm.prank(lender);
        loan = new Loan(enigma, _terms(), IPriceFeed(address(feed)), IVault(address(vault)));
    }

    /* THE RULE */

    function test_score_offersTheBestTermsToWhoOwesNothingAndPaidInTime() public {
        (address applicant, uint256 amount, uint256 rateBps) = _score(4000, 0, _history(12, 1000, 0));
        assertEq(applicant, user, "the sender, whatever the arguments say");
        assertEq(amount, 40_000, "ten months of income");
        assertEq(rateBps, 300, "best rate");
    }

    function test_score_dependsOnDebts() public {
        (, uint256 amount, uint256 rateBps) = _score(4000, 9600, _history(12, 1000, 0));
        // A fifth of a year's income is half of what is allowed: a quarter of the risk.
        assertEq(rateBps, 300 + 225, "rate");
        assertEq(amount, 35_000, "amount");
    }

    function test_score_dependsOnLateness() public {
        (,, uint256 inTime) = _score(4000, 0, _history(12, 1000, 5));
        assertEq(inTime, 300, "a few days are forgiven");
        (,, uint256 late) = _score(4000, 0, _history(12, 1000, 15));
        assertEq(late, 300 + 225, "half a month late, half of the lateness that counts");
        (,, uint256 veryLate) = _score(4000, 0, _history(12, 1000, 60));
        assertEq(veryLate, 300 + 450, "a month and more count alike");
    }

    function test_score_staysWithinTheLargestAmount() public {
        (, uint256 amount,) = _score(1_000_000, 0, _history(1, 1, 0));
        assertEq(amount, 100_000, "largest");
    }

    /// Whatever is offered, it is within the terms; whatever is refused, the reason holds no figure.
    function testFuzz_score_keepsToTheTerms(
        uint256 income,
        uint256 debts,
        uint8 count,
        uint128 instalment,
        uint32 daysLate
    ) public {
        income = bound(income, 0, 1e30);
        debts = bound(debts, 0, 1e30);
        Loan.Instalment[] memory history = _history(bound(count, 0, 40), instalment, daysLate);
        bytes memory call = abi.encodeCall(loan.score, (income, debts, history, loan.termsVersion()));
        vm.prank(user);
        (bool ok, bytes memory answer) = address(loan).staticcall(call);
        if (!ok) {
            assertEq(answer.length, 4, "a selector and nothing else");
            return;
        }
        (, uint256 amount, uint256 rateBps,,) = abi.decode(answer, (address, uint256, uint256, bytes32, uint256));
        assertTrue(amount <= 100_000, "amount");
        assertTrue(rateBps >= 300 && rateBps <= 1200, "rate");
    }

    /* COLLATERAL */

    function test_score_lendsAgainstLockedEtherAtTheLivePrice() public {
        vm.deal(user, 4 ether);
        vm.prank(user);
        vault.lock{value: 4 ether}();
        (, uint256 amount,) = _score(4000, 0, _history(12, 1000, 0));
        assertEq(amount, 45_000, "half of 10,000 more");
        feed.report(5000e8);
        (, amount,) = _score(4000, 0, _history(12, 1000, 0));
        assertEq(amount, 50_000, "at the new price");
    }

    function test_score_countsNothingThatIsSoonFree() public {
        vm.deal(user, 4 ether);
        vm.prank(user);
        vault.lock{value: 4 ether}();
        vm.warp(block.timestamp + vault.LOCK_SECONDS() - 7 days);
        feed.report(2500e8);
        assertEq(loan.collateralOf(user), 10_000, "a week left");
        vm.warp(block.timestamp + 1);
        assertEq(loan.collateralOf(user), 0, "less than a week left");
    }

    function test_score_revertsWhen_thePriceIsOldOrNone() public {
        vm.deal(user, 1 ether);
        vm.prank(user);
        vault.lock{value: 1 ether}();
        uint256 reportedAt = block.timestamp;
        vm.warp(reportedAt + 1 hours);
        assertEq(loan.collateralOf(user), 2500, "an hour old");
        vm.warp(reportedAt + 1 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(Loan.StalePrice.selector, reportedAt));
        loan.collateralOf(user);
        feed.report(0);
        vm.expectRevert(abi.encodeWithSelector(Loan.NoPrice.selector, int256(0)));
        loan.collateralOf(user);
    }

    /* REFUSALS */

    function test_S21_score_refusesWithReasonsThatHoldNoFigure() public {
        _refuses(0, 0, _history(1, 1000, 0), Loan.NoIncome.selector);
        _refuses(4000, 0, _history(0, 1000, 0), Loan.NoHistory.selector);
        _refuses(4000, 0, _history(37, 1000, 0), Loan.HistoryTooLong.selector);
        _refuses(4000, 19_205, _history(1, 1000, 0), Loan.DebtsTooHigh.selector);
        _refuses(4000, 0, _history(1, 1000, 90), Loan.DefaultedBefore.selector);
    }

    function test_S27_score_revertsWhen_theTermsChangedAfterTheClick() public {
        bytes32 seen = loan.termsVersion();
        Loan.Terms memory worse = _terms();
        worse.bestRateBps = 1200;
        vm.prank(lender);
        loan.setTerms(worse);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, loan.termsVersion(), seen));
        loan.score(4000, 0, _history(12, 1000, 0), seen);
    }

    /* THE OFFER */

    function test_scored_storesTheOfferOfTheApplicant() public {
        Task memory task = request(user, 0, packTarget(address(loan), Loan.score.selector, 200_000, 160, 4), FEE, FEE);
        bytes memory offer = abi.encode(user, uint256(40_000), uint256(300), loan.termsVersion(), block.timestamp);
        uint256 computed = block.timestamp;
        skipBlocks(1);
        vm.expectEmit(address(loan));
        emit Loan.Offered(user, 40_000, 300);
        settle(task, 0, 0, offer);
        (uint128 amount, uint16 rateBps, uint64 scoredAt) = loan.offers(user);
        assertEq(amount, 40_000, "amount");
        assertEq(rateBps, 300, "rate");
        assertEq(scoredAt, computed, "scoredAt");
    }

    function test_S27_scored_takesNoOfferForFormerTerms() public {
        Task memory task = request(user, 0, packTarget(address(loan), Loan.score.selector, 200_000, 160, 4), FEE, FEE);
        bytes memory offer = abi.encode(user, uint256(40_000), uint256(300), loan.termsVersion(), block.timestamp);
        Loan.Terms memory worse = _terms();
        worse.bestRateBps = 1200;
        vm.prank(lender);
        loan.setTerms(worse);
        skipBlocks(1);
        settle(task, 0, 0, offer);
        (uint128 amount,,) = loan.offers(user);
        assertEq(amount, 0, "amount");
    }

    function test_S3_scored_revertsWhen_notFromEnigma() public {
        bytes32 version = loan.termsVersion();
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.OnlyEnigma.selector, user));
        vm.prank(user);
        loan.scored(user, 1e6, 0, version, block.timestamp);
    }

    /* THE TERMS */

    function test_setTerms_changesTheVersion() public {
        bytes32 before = loan.termsVersion();
        Loan.Terms memory terms = _terms();
        terms.monthsOfIncome = 11;
        vm.prank(lender);
        loan.setTerms(terms);
        assertTrue(loan.termsVersion() != before, "version");
    }

    function test_setTerms_revertsWhen_notTheLender_orUnsound() public {
        vm.expectRevert(abi.encodeWithSelector(Loan.OnlyLender.selector, user));
        vm.prank(user);
        loan.setTerms(_terms());
        Loan.Terms memory terms = _terms();
        terms.worstRateBps = terms.bestRateBps - 1;
        _refusesTerms(terms);
        terms = _terms();
        terms.collateralBps = 10_001;
        _refusesTerms(terms);
        terms = _terms();
        terms.maxPriceAgeSeconds = 0;
        _refusesTerms(terms);
    }

    /* HELPERS */

    function _refusesTerms(Loan.Terms memory terms) private {
        vm.expectRevert(Loan.InvalidTerms.selector);
        vm.prank(lender);
        loan.setTerms(terms);
    }

    function _terms() private pure returns (Loan.Terms memory) {
        return Loan.Terms({
            largestAmount: 100_000,
            monthsOfIncome: 10,
            largestDebtBps: 4000,
            bestRateBps: 300,
            worstRateBps: 1200,
            collateralBps: 5000,
            maxPriceAgeSeconds: 1 hours
        });
    }

    function _history(uint256 count, uint128 amount, uint32 daysLate)
        private
        pure
        returns (Loan.Instalment[] memory history)
    {
        history = new Loan.Instalment[](count);
        for (uint256 i; i < count; ++i) {
            history[i] = Loan.Instalment({amount: amount, daysLate: daysLate});
        }
    }

    /// @dev What an applicant cares for; the rest is for the callback.
    function _score(uint256 income, uint256 debts, Loan.Instalment[] memory history)
        private
        returns (address applicant, uint256 amount, uint256 rateBps)
    {
        bytes32 version = loan.termsVersion();
        vm.prank(user);
        (applicant, amount, rateBps,,) = loan.score(income, debts, history, version);
    }

    function _refuses(uint256 income, uint256 debts, Loan.Instalment[] memory history, bytes4 reason) private {
        bytes32 version = loan.termsVersion();
        vm.expectRevert(abi.encodePacked(reason));
        loan.score(income, debts, history, version);
    }
}
