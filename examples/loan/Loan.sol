// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma} from "@enigma/contracts/src/dapp/EnigmaDapp.sol";

/// What the loan calls of a Chainlink feed (AggregatorV3Interface).
interface IPriceFeed {
    function decimals() external view returns (uint8);
    function latestRoundData() external view returns (uint80, int256 answer, uint256, uint256 updatedAt, uint80);
}

/// What the loan calls of the vault in which applicants lock their ether.
interface IVault {
    function locked(address owner) external view returns (uint256 amountWei);
    function lockedUntil(address owner) external view returns (uint256 time);
}

/**
 * A lender who decides on loans without seeing the applicants' figures.
 *
 * His terms are public. An applicant seals his income, his debts and his repayment history; the enclave scores them against
 * the terms; the chain learns who was offered how much at which rate, and nothing else. What is refused is refused with a
 * reason that only the applicant can read and that names no figure.
 *
 * Ether that the applicant has locked in a vault counts too, at the price of the moment: feed and vault are other people's
 * contracts, and the private function calls them as any contract would, on the state of the block that carries the task.
 */
contract Loan is EnigmaDapp {
    /// Money in the lender's currency unit, rates in hundredths of a percent (basis points).
    struct Terms {
        uint128 largestAmount;
        uint32 monthsOfIncome; // lent at most
        uint16 largestDebtBps; // debts, of a year's income
        uint16 bestRateBps;
        uint16 worstRateBps;
        uint16 collateralBps; // lent against collateral, of its value
        uint32 maxPriceAgeSeconds;
    }

    /// One instalment that was once due.
    struct Instalment {
        uint128 amount;
        uint32 daysLate;
    }

    struct Offer {
        uint128 amount;
        uint16 rateBps;
        uint64 scoredAt; // of the block on which it was computed
    }

    uint256 private constant BPS = 10_000;
    /// Bounds the gas of a score, so that every application fits one gas class and none tells by it.
    uint256 public constant LONGEST_HISTORY = 36;
    uint256 private constant DAYS_FORGIVEN = 5;
    uint256 private constant DAYS_DEFAULTED = 90;
    /// Collateral that is free before nobody lends against.
    uint256 private constant LEAST_LOCK_SECONDS = 7 days;

    address public immutable lender;
    /// One ether in the lender's currency unit.
    IPriceFeed public immutable priceFeed;
    IVault public immutable vault;
    Terms public terms;
    mapping(address applicant => Offer) public offers;

    event TermsChanged(bytes32 version);
    event Offered(address indexed applicant, uint256 amount, uint256 rateBps);

    error OnlyLender(address caller);
    error InvalidTerms();
    // Refusals: reasons without figures.
    error NoIncome();
    error NoHistory();
    error HistoryTooLong();
    error DebtsTooHigh();
    error DefaultedBefore();
    /// @dev The feed's fault, not the applicant's: the price is public.
    error StalePrice(uint256 updatedAt);
    error NoPrice(int256 answer);

    constructor(IEnigma enigma, Terms memory terms_, IPriceFeed priceFeed_, IVault vault_) EnigmaDapp(enigma) {
        lender = msg.sender;
        priceFeed = priceFeed_;
        vault = vault_;
        _setTerms(terms_);
    }

    /// @notice Changes the terms. Applications that were sealed for others fail from the next request on, and an offer that
    /// was computed for others is not taken any more, however late it is delivered.
    function setTerms(Terms calldata terms_) external {
        if (msg.sender != lender) revert OnlyLender(msg.sender);
        _setTerms(terms_);
    }

    /// @notice What an application is sealed for.
    function termsVersion() public view returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    /**
     * @notice Scores the caller. Runs in private: the arguments are known to the applicant and the enclave alone.
     * @param monthlyIncome After tax.
     * @param debts All that is owed today.
     * @param history Instalments of the past, latest first, 1 to 36 of them.
     * @param expectedTerms `termsVersion()` as the applicant saw it.
     * @return applicant Who is scored: the caller.
     * @return amount Lent at most, in the lender's currency unit.
     * @return rateBps Per year, in hundredths of a percent.
     * @return version What the offer relies on, for the callback to compare: results may be delivered late.
     * @return scoredAt Since when price and collateral may have moved.
     */
    function score(uint256 monthlyIncome, uint256 debts, Instalment[] calldata history, bytes32 expectedTerms)
        external
        view
        returns (address applicant, uint256 amount, uint256 rateBps, bytes32 version, uint256 scoredAt)
    {
        requireUnchanged(termsVersion(), expectedTerms);
        if (monthlyIncome == 0) revert NoIncome();
        if (history.length == 0) revert NoHistory();
        if (history.length > LONGEST_HISTORY) revert HistoryTooLong();

        Terms memory t = terms;
        uint256 debtBps = debts * BPS / (monthlyIncome * 12);
        if (debtBps > t.largestDebtBps) revert DebtsTooHigh();
        uint256 riskBps = (_latenessBps(history) + debtBps * BPS / t.largestDebtBps) / 2;

        amount = monthlyIncome * t.monthsOfIncome * (2 * BPS - riskBps) / (2 * BPS);
        amount += collateralOf(msg.sender) * t.collateralBps / BPS;
        if (amount > t.largestAmount) amount = t.largestAmount;
        rateBps = t.bestRateBps + riskBps * (t.worstRateBps - t.bestRateBps) / BPS;
        return (msg.sender, amount, rateBps, expectedTerms, block.timestamp);
    }

    /// @notice Worth of the ether that `owner` keeps locked for a week at least, in the lender's currency unit.
    function collateralOf(address owner) public view returns (uint256) {
        uint256 amountWei = vault.locked(owner);
        if (amountWei == 0 || vault.lockedUntil(owner) < block.timestamp + LEAST_LOCK_SECONDS) return 0;
        (, int256 price,, uint256 updatedAt,) = priceFeed.latestRoundData();
        if (price <= 0) revert NoPrice(price);
        if (updatedAt + terms.maxPriceAgeSeconds < block.timestamp) revert StalePrice(updatedAt);
        return amountWei * uint256(price) / 10 ** priceFeed.decimals() / 1 ether;
    }

    /// @notice Receives what `score` returned.
    function scored(address applicant, uint256 amount, uint256 rateBps, bytes32 version, uint256 scoredAt)
        external
        onlyEnigma
    {
        requireUnchanged(termsVersion(), version);
        offers[applicant] = Offer({amount: uint128(amount), rateBps: uint16(rateBps), scoredAt: uint64(scoredAt)});
        emit Offered(applicant, amount, rateBps);
    }

    /// @inheritdoc EnigmaDapp
    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.score.selector ? this.scored.selector : bytes4(0);
    }

    /// @dev How much of what was due came late: a month late counts in full, a few days count nothing.
    function _latenessBps(Instalment[] calldata history) private pure returns (uint256) {
        uint256 due;
        uint256 late;
        for (uint256 i; i < history.length; ++i) {
            uint256 daysLate = history[i].daysLate;
            if (daysLate >= DAYS_DEFAULTED) revert DefaultedBefore();
            due += history[i].amount;
            if (daysLate > DAYS_FORGIVEN) late += history[i].amount * (daysLate < 30 ? daysLate : 30) / 30;
        }
        return due == 0 ? 0 : late * BPS / due;
    }

    function _setTerms(Terms memory t) private {
        bool isSound = t.largestAmount != 0 && t.monthsOfIncome != 0 && t.largestDebtBps != 0
            && t.bestRateBps <= t.worstRateBps && t.collateralBps <= BPS && t.maxPriceAgeSeconds != 0;
        if (!isSound) revert InvalidTerms();
        terms = t;
        emit TermsChanged(termsVersion());
    }
}
