// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PrincipalBond} from "../src/beacon/PrincipalBond.sol";
import {IEnigma} from "../src/interfaces/IEnigma.sol";
import {IEnigmaTasks} from "../src/interfaces/IEnigmaTasks.sol";
import {IPrincipalBond} from "../src/interfaces/IPrincipalBond.sol";
import {StubBeacon} from "./support/Stubs.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// What the Principal's silence costs it, and what it cannot cost it.
contract PrincipalBondTest is World {
    uint256 private constant PENALTY = 1 ether;
    uint256 private constant NOTICE = 3;
    uint256 private constant CLAIM = 32;

    IPrincipalBond private _bond;
    address payable private _principal = payable(account("principal"));
    address payable private _claimer = payable(account("claimer"));

    function setUp() public override {
        super.setUp();
        takeSeat("alice");
        _bond = new PrincipalBond(enigma, _principal, PENALTY, NOTICE);
        vm.deal(_principal, 100 ether);
    }

    /* CLAIMS */

    function test_S6_claim_takesAPenalty_halfToTheClaimer_halfBurned() public {
        _deposit(5 * PENALTY);
        _miss(2);
        vm.expectEmit(address(_bond));
        emit IPrincipalBond.MissClaimed(2, _claimer, PENALTY / 2, PENALTY / 2);
        _claim(2);
        assertEq(_claimer.balance, PENALTY / 2, "reward");
        assertEq(_bond.bond(), 4 * PENALTY, "bond");
        assertEq(_bond.burned(), PENALTY / 2, "burned");
        assertTrue(_bond.isClaimed(2), "isClaimed");
        _requireSolvent();
    }

    function test_S6_claim_revertsWhen_claimedBefore() public {
        _deposit(5 * PENALTY);
        _miss(2);
        _claim(2);
        _refuses(2, abi.encodeWithSelector(IPrincipalBond.AlreadyClaimed.selector, 2));
    }

    function test_S6_claim_revertsWhen_theEpochHadItsSeed() public {
        _deposit(PENALTY);
        startEpoch(2);
        _refuses(2, abi.encodeWithSelector(IPrincipalBond.NotMissed.selector, 2));
    }

    function test_S6_claim_revertsWhen_nobodyStartedTheEpoch_orItHasNoSeats() public {
        _deposit(PENALTY);
        goToEpoch(2);
        _refuses(2, abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 2));

        enigma = deploy(parameters());
        _bond = new PrincipalBond(enigma, _principal, PENALTY, NOTICE);
        _deposit(PENALTY);
        vm.roll(enigma.boundaryBlock(2) + parameters().cutBlocks + 1);
        vm.expectRevert(abi.encodeWithSelector(IEnigmaTasks.NoSeats.selector, 2));
        enigma.postFallbackSeed(2);
        _refuses(2, abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 2));
    }

    function test_S6_claim_revertsWhen_theEpochBeganBeforeTheDeposit() public {
        _miss(2);
        _deposit(PENALTY);
        for (uint256 epoch = 1; epoch <= 2; ++epoch) {
            _refuses(
                epoch, abi.encodeWithSelector(IPrincipalBond.EpochNotCovered.selector, epoch, 3, type(uint256).max)
            );
        }
        _miss(3);
        _claim(3);
    }

    /// What was missed while too little stood is not owed by what is paid in later.
    function test_S6_claim_revertsWhen_theBondWasExhaustedThen() public {
        _deposit(PENALTY);
        _miss(2);
        _claim(2);
        _miss(3);
        _refuses(3, abi.encodeWithSelector(IPrincipalBond.BondExhausted.selector, 0, PENALTY));
        _deposit(PENALTY - 1);
        _refuses(3, abi.encodeWithSelector(IPrincipalBond.BondExhausted.selector, PENALTY - 1, PENALTY));
        _deposit(1);
        _refuses(3, abi.encodeWithSelector(IPrincipalBond.EpochNotCovered.selector, 3, 4, type(uint256).max));
    }

    /// Else the operator would escape a miss by one wei more.
    function test_S6_deposit_leavesCoveredMissesCovered_whileTheBondStands() public {
        _deposit(PENALTY);
        _miss(2);
        _deposit(1);
        _claim(2);
    }

    function test_S6_claim_revertsWhen_theNetworkHasAnotherBeacon() public {
        _deposit(PENALTY);
        _miss(2);
        StubBeacon other = new StubBeacon();
        vm.prank(account("governor"));
        enigma.setBeacon(other);
        _refuses(2, abi.encodeWithSelector(IPrincipalBond.BeaconReplaced.selector, other));
    }

    function test_S6_claim_revertsWhen_enigmaHasForgottenTheEpoch() public {
        _deposit(PENALTY);
        _miss(2);
        startEpoch(34); // its place in the ring
        _refuses(2, abi.encodeWithSelector(IEnigmaTasks.SeedNotPosted.selector, 2));
    }

    function test_S22_claim_revertsWhen_theClaimerRefusesMoney_andBooksNothing() public {
        _deposit(PENALTY);
        _miss(2);
        vm.prank(address(enigma)); // takes no plain ether
        vm.expectRevert(abi.encodeWithSelector(IPrincipalBond.PaymentFailed.selector, enigma, PENALTY / 2));
        _bond.claim(2);
        assertTrue(!_bond.isClaimed(2), "isClaimed");
        _claim(2);
    }

    function test_S22_claim_paysOnce_howeverOftenTheClaimerComesBackIn() public {
        _deposit(5 * PENALTY);
        _miss(2);
        Reenterer thief = new Reenterer(_bond);
        vm.expectRevert(abi.encodeWithSelector(IPrincipalBond.PaymentFailed.selector, thief, PENALTY / 2));
        thief.claim(2);
        assertEq(_bond.bond(), 5 * PENALTY, "bond");
    }

    /* WITHDRAWAL */

    function test_S6_withdraw_comesAfterNoticeAndClaims_andMissesOfTheNoticeCount() public {
        _deposit(2 * PENALTY);
        goToEpoch(2);
        vm.expectEmit(address(_bond));
        emit IPrincipalBond.WithdrawalNoticed(2 + NOTICE);
        _notice();
        _miss(1 + NOTICE);
        _miss(2 + NOTICE);
        bytes memory uncovered =
            abi.encodeWithSelector(IPrincipalBond.EpochNotCovered.selector, 2 + NOTICE, 1, 2 + NOTICE);
        _refuses(2 + NOTICE, uncovered);
        _claim(1 + NOTICE);

        uint256 opensIn = 2 + NOTICE + CLAIM;
        goToEpoch(opensIn - 1);
        vm.prank(_principal);
        vm.expectRevert(abi.encodeWithSelector(IPrincipalBond.WithdrawalTooEarly.selector, opensIn, opensIn - 1));
        _bond.withdraw(_principal);

        vm.roll(enigma.boundaryBlock(opensIn));
        address payable to = payable(account("treasury"));
        vm.prank(_principal);
        _bond.withdraw(to);
        assertEq(to.balance, PENALTY, "what is left");
        assertEq(_bond.bond(), 0, "bond");
        assertEq(_bond.burned(), PENALTY / 2, "burned");
        _requireSolvent();
    }

    function test_S6_aBondThatComesBack_coversNothingOfTheTimeBetween() public {
        _deposit(PENALTY);
        _notice();
        goToEpoch(NOTICE + CLAIM);
        vm.prank(_principal);
        _bond.withdraw(_principal);
        _miss(40);
        _refuses(40, abi.encodeWithSelector(IPrincipalBond.BondExhausted.selector, 0, PENALTY));
        _deposit(PENALTY);
        (uint256 from, uint256 until) = _bond.covered();
        assertEq(from, 41, "fromEpoch");
        assertEq(until, type(uint256).max, "untilEpoch");
        _refuses(40, abi.encodeWithSelector(IPrincipalBond.EpochNotCovered.selector, 40, 41, type(uint256).max));
        _miss(41);
        _claim(41);
    }

    function test_S6_withdraw_revertsWhen_noNoticeWasGiven() public {
        _deposit(PENALTY);
        goToEpoch(100);
        vm.prank(_principal);
        vm.expectRevert(IPrincipalBond.NoticeMissing.selector);
        _bond.withdraw(_principal);
    }

    function test_S22_withdraw_paysOnce() public {
        _deposit(PENALTY);
        _notice();
        goToEpoch(NOTICE + CLAIM);
        vm.startPrank(_principal);
        _bond.withdraw(_principal);
        assertEq(_principal.balance, 100 ether, "all of it");
        vm.expectRevert(IPrincipalBond.NoticeMissing.selector);
        _bond.withdraw(_principal);
        vm.expectRevert(IPrincipalBond.NothingToWithdraw.selector);
        _bond.noticeWithdrawal();
        vm.stopPrank();
    }

    /// A second notice would move the end, a deposit would leave it open which epochs it covers.
    function test_S6_noticeWithdrawal_andDeposit_revertWhen_oneIsUnderWay() public {
        _deposit(PENALTY);
        _notice();
        bytes memory underWay = abi.encodeWithSelector(IPrincipalBond.WithdrawalUnderWay.selector, NOTICE);
        vm.startPrank(_principal);
        vm.expectRevert(underWay);
        _bond.noticeWithdrawal();
        vm.expectRevert(underWay);
        _bond.deposit{value: 1}();
        vm.stopPrank();
    }

    function test_S24_onlyTheOperatorDepositsAndWithdraws() public {
        _deposit(PENALTY);
        vm.deal(_claimer, 1 ether);
        bytes memory refusal = abi.encodeWithSelector(IPrincipalBond.NotOperator.selector, _claimer);
        vm.startPrank(_claimer);
        vm.expectRevert(refusal);
        _bond.deposit{value: 1}();
        vm.expectRevert(refusal);
        _bond.noticeWithdrawal();
        vm.expectRevert(refusal);
        _bond.withdraw(_claimer);
        (bool ok,) = address(_bond).call{value: 1}("");
        assertTrue(!ok, "plain ether");
        vm.stopPrank();
    }

    function test_deposit_revertsWhen_itIsNothing() public {
        vm.prank(_principal);
        vm.expectRevert(IPrincipalBond.NothingDeposited.selector);
        _bond.deposit();
    }

    /* MONEY */

    /// Bond and what was burned, as they stand in storage, are there; and nothing that was burned ever leaves.
    function testFuzz_S22_theBalanceCoversBondAndBurned(uint8[24] calldata steps) public {
        uint256 next = 2;
        uint256 burned;
        for (uint256 i; i < steps.length; ++i) {
            uint256 step = steps[i] % 6;
            if (step == 0) _try(_principal, 0.7 ether, abi.encodeCall(_bond.deposit, ()));
            else if (step == 1) _miss(next++);
            else if (step == 2) _try(_claimer, 0, abi.encodeCall(_bond.claim, (next - 1 - steps[i] % 2)));
            else if (step == 3) _try(_principal, 0, abi.encodeCall(_bond.noticeWithdrawal, ()));
            else if (step == 4) _try(_principal, 0, abi.encodeCall(_bond.withdraw, (_principal)));
            else goToEpoch(next += steps[i]);
            _requireSolvent();
            assertTrue(_bond.burned() >= burned, "burned");
            burned = _bond.burned();
        }
    }

    /* DEPLOYMENT */

    function test_constructor_keepsWhatItWasGiven() public view {
        assertEq(address(_bond.enigma()), address(enigma), "enigma");
        assertEq(address(_bond.beacon()), address(enigma.beacon()), "beacon");
        assertEq(_bond.operator(), _principal, "operator");
        assertEq(_bond.penalty(), PENALTY, "penalty");
        assertEq(_bond.noticeEpochs(), NOTICE, "noticeEpochs");
    }

    function test_constructor_revertsWhen_aParameterMakesNoSense() public {
        _refusesToDeploy(IEnigma(user), _principal, PENALTY, NOTICE, "enigma is not a contract");
        _refusesToDeploy(enigma, address(0), PENALTY, NOTICE, "operator is zero");
        _refusesToDeploy(enigma, _principal, 0, NOTICE, "penalty is zero or odd");
        _refusesToDeploy(enigma, _principal, 3, NOTICE, "penalty is zero or odd");
        _refusesToDeploy(enigma, _principal, 2, 0, "noticeEpochs is not 1 to 2^20");
        _refusesToDeploy(enigma, _principal, 2, (1 << 20) + 1, "noticeEpochs is not 1 to 2^20");
        new PrincipalBond(enigma, _principal, 2, 1 << 20);
    }

    /* HELPERS */

    function _deposit(uint256 amount) private {
        vm.prank(_principal);
        _bond.deposit{value: amount}();
    }

    function _notice() private {
        vm.prank(_principal);
        _bond.noticeWithdrawal();
    }

    /// @dev Starts an epoch with a fallback, where there is still a seat to draw.
    function _miss(uint256 epoch) private {
        vm.roll(enigma.boundaryBlock(epoch) + parameters().cutBlocks + 1);
        enigma.postFallbackSeed(epoch);
    }

    function _claim(uint256 epoch) private {
        vm.prank(_claimer);
        _bond.claim(epoch);
    }

    function _refuses(uint256 epoch, bytes memory reason) private {
        vm.prank(_claimer);
        vm.expectRevert(reason);
        _bond.claim(epoch);
    }

    function _refusesToDeploy(IEnigma to, address by, uint256 penalty, uint256 notice, string memory reason) private {
        vm.expectRevert(abi.encodeWithSelector(IPrincipalBond.InvalidBond.selector, reason));
        new PrincipalBond(to, by, penalty, notice);
    }

    function _try(address by, uint256 value, bytes memory call) private {
        vm.prank(by);
        (bool ok,) = address(_bond).call{value: value}(call);
        ok;
    }

    /// @dev `bond` and `burned` are the first two words of the storage.
    function _requireSolvent() private view {
        uint256 bond = uint256(vm.load(address(_bond), bytes32(0)));
        uint256 burned = uint256(vm.load(address(_bond), bytes32(uint256(1))));
        assertEq(bond, _bond.bond(), "bond");
        assertEq(burned, _bond.burned(), "burned");
        assertEq(address(_bond).balance, bond + burned, "balance");
    }
}

/// Claims again while it is paid.
contract Reenterer {
    IPrincipalBond private immutable BOND;
    uint256 private _epoch;

    constructor(IPrincipalBond bond) {
        BOND = bond;
    }

    function claim(uint256 epoch) public {
        _epoch = epoch;
        BOND.claim(epoch);
    }

    receive() external payable {
        BOND.claim(_epoch);
    }
}
