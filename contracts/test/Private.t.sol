// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnigmaDapp, IEnigma, PrefetchRange} from "../src/dapp/EnigmaDapp.sol";
import {Private} from "../src/dapp/Private.sol";
import {PrivateCalls} from "./support/PrivateCalls.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// Data at rest, as a dApp's author has it: the library's calls, and what the base contract stores.
contract PrivateTest is World {
    bytes32 private constant LABEL = "label";
    Diary private diary;

    function setUp() public override {
        super.setUp();
        diary = new Diary(enigma);
    }

    /* THE CALLS */

    function test_calls_revertWhen_thereIsNoEnclave() public {
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.open("", user, LABEL);
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.tryOpen("", user, LABEL);
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.seal("", user, LABEL);
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.sealTo("key", "");
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.random();
    }

    /// The addresses and encodings are Core's too: `PRIVATE_CALLS` of the protocol.
    function test_calls_askTheReservedAddressesWithTheirArgumentsAlone() public {
        vm.mockCall(_reserved("enigma.private.1"), abi.encode(bytes("d"), user, LABEL), abi.encode(bytes("opened")));
        assertEq(diary.open("d", user, LABEL), "opened", "open");
        (bool isOpen, bytes memory opened) = diary.tryOpen("d", user, LABEL);
        assertTrue(isOpen, "tryOpen");
        assertEq(opened, "opened", "tryOpen");
        vm.mockCall(_reserved("enigma.private.2"), abi.encode(bytes("p"), user, LABEL), abi.encode(bytes("sealed")));
        assertEq(diary.seal("p", user, LABEL), "sealed", "seal");
        vm.mockCall(_reserved("enigma.private.3"), abi.encode(bytes32("key"), bytes("p")), abi.encode(bytes("reply")));
        assertEq(diary.sealTo("key", "p"), "reply", "sealTo");
        vm.mockCall(_reserved("enigma.private.4"), "", abi.encode(bytes32("drawn")));
        assertEq(diary.random(), "drawn", "random");
    }

    function test_calls_passOnTheEnclavesReason() public {
        address seal = _reserved("enigma.private.2");
        bytes4[4] memory reasons = [
            Private.ForeignFrame.selector,
            Private.DoesNotOpen.selector,
            Private.NoGeneration.selector,
            Private.BadCall.selector
        ];
        for (uint256 i; i < reasons.length; ++i) {
            vm.etch(seal, _reverting(abi.encodePacked(reasons[i])));
            vm.expectRevert(reasons[i]);
            diary.seal("", user, LABEL);
        }
        bytes memory invalidKey = abi.encodeWithSelector(Private.InvalidPublicKey.selector, bytes32("key"));
        vm.etch(_reserved("enigma.private.3"), _reverting(invalidKey));
        vm.expectRevert(invalidKey);
        diary.sealTo("key", "");
        // Out of gas says nothing.
        vm.etch(seal, _reverting(""));
        vm.expectRevert(bytes(""));
        diary.seal("", user, LABEL);
    }

    function test_tryOpen_forgivesWhatDoesNotOpen_andNothingElse() public {
        address open = _reserved("enigma.private.1");
        vm.etch(open, _reverting(abi.encodePacked(Private.DoesNotOpen.selector)));
        (bool isOpen, bytes memory opened) = diary.tryOpen("", user, LABEL);
        assertTrue(!isOpen, "isOpen");
        assertEq(opened, "", "opened");
        vm.etch(open, _reverting(abi.encodePacked(Private.ForeignFrame.selector)));
        vm.expectRevert(Private.ForeignFrame.selector);
        diary.tryOpen("", user, LABEL);
        // Otherwise whoever asks could, by his choice of gas, pass over somebody's data.
        vm.etch(open, _reverting(""));
        vm.expectRevert(bytes(""));
        diary.tryOpen("", user, LABEL);
    }

    function test_trySealTo_forgivesAnInvalidKey_andNothingElse() public {
        address sealTo = _reserved("enigma.private.3");
        vm.etch(sealTo, _reverting(abi.encodeWithSelector(Private.InvalidPublicKey.selector, bytes32("key"))));
        (bool isSealed, bytes memory reply) = diary.trySealTo("key", "p");
        assertTrue(!isSealed, "isSealed");
        assertEq(reply, "", "reply");
        vm.etch(sealTo, _reverting(""));
        vm.expectRevert(bytes(""));
        diary.trySealTo("key", "p");
        vm.etch(sealTo, "");
        vm.expectRevert(Private.OnlyInsideEnclave.selector);
        diary.trySealTo("key", "p");
    }

    /* DATA OF USERS */

    function test_storeSealed_keepsWhatTheCallerSealedAsHis() public {
        bytes memory data = PrivateCalls.seal(address(diary), "dear diary", user, LABEL);
        vm.prank(user);
        diary.write(LABEL, data);
        assertEq(diary.sealedData(user, LABEL), data, "stored");
        assertEq(diary.sealedData(operator, LABEL), "", "nobody else's");
        assertEq(diary.sealedData(user, "other"), "", "under no other label");
        PrivateCalls.install();
        assertEq(diary.read(user, LABEL), "dear diary", "opened");
    }

    function test_S26_open_revertsWhen_theDataIsAnotherOwnersOrLabels() public {
        PrivateCalls.install();
        bytes memory data = PrivateCalls.seal(address(diary), "dear diary", user, LABEL);
        vm.prank(operator);
        diary.write(LABEL, data);
        vm.expectRevert(Private.DoesNotOpen.selector);
        diary.read(operator, LABEL);
        vm.prank(user);
        diary.write("other", data);
        vm.expectRevert(Private.DoesNotOpen.selector);
        diary.read(user, "other");
        Diary other = new Diary(enigma);
        vm.prank(user);
        other.write(LABEL, data);
        vm.expectRevert(Private.DoesNotOpen.selector);
        other.read(user, LABEL);
    }

    function test_storeSealed_revertsWhen_theFormIsNotThatOfDataAtRest() public {
        bytes memory data = PrivateCalls.seal(address(diary), "", user, LABEL);
        assertEq(data.length, 92, "the shortest");
        diary.write(LABEL, data);
        _refuses(bytes.concat(hex"01010101", new bytes(88))); // inputs
        _refuses(bytes.concat(hex"01010301", new bytes(88))); // a reply
        _refuses(bytes.concat(hex"01010202", new bytes(88))); // two recipients
        _refuses(bytes.concat(hex"01010201", new bytes(87)));
        _refuses("");
        diary.write(LABEL, bytes.concat(hex"01010201", new bytes(8188)));
        _refuses(bytes.concat(hex"01010201", new bytes(8189)));
    }

    function test_storeSealedWord_revertsWhen_itIsNoWord() public {
        bytes memory word = PrivateCalls.seal(address(diary), abi.encode(7), user, LABEL);
        vm.prank(user);
        diary.writeWord(LABEL, word);
        assertEq(diary.sealedData(user, LABEL), word, "stored");
        bytes memory longer = PrivateCalls.seal(address(diary), new bytes(33), user, LABEL);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, longer.length));
        diary.writeWord(LABEL, longer);
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, 96));
        diary.writeWord(LABEL, new bytes(96));
    }

    function test_sealedWords_nameWhereTheWordsOfManyOwnersStand() public {
        address[] memory owners = new address[](2);
        (owners[0], owners[1]) = (user, operator);
        for (uint256 i; i < owners.length; ++i) {
            vm.prank(owners[i]);
            diary.writeWord(LABEL, PrivateCalls.seal(address(diary), abi.encode(i), owners[i], LABEL));
        }
        PrefetchRange[] memory ranges = diary.wordsOf(owners, LABEL);
        assertEq(ranges.length, 4, "ranges");
        for (uint256 i; i < owners.length; ++i) {
            assertEq(_loaded(ranges[2 * i], ranges[2 * i + 1]), diary.sealedData(owners[i], LABEL), "bytes");
        }
    }

    function test_sealedWords_nameWhereTheWordsOfOneOwnerStand() public {
        bytes32[] memory labels = new bytes32[](2);
        (labels[0], labels[1]) = (LABEL, "other");
        for (uint256 i; i < labels.length; ++i) {
            vm.prank(user);
            diary.writeWord(labels[i], PrivateCalls.seal(address(diary), abi.encode(i), user, labels[i]));
        }
        PrefetchRange[] memory ranges = diary.wordsOf(user, labels);
        assertEq(ranges.length, 4, "ranges");
        for (uint256 i; i < labels.length; ++i) {
            assertEq(_loaded(ranges[2 * i], ranges[2 * i + 1]), diary.sealedData(user, labels[i]), "bytes");
        }
    }

    /// Core asks with 2^20 gas. For as many words as a task may read, that leaves enough to read each owner from storage.
    function test_sealedWords_ofAllThatATaskMayRead_fitTheGasOfTheQuestion() public view {
        diary.wordsOf{gas: (1 << 20) - 256 * 2100}(new address[](256), LABEL);
    }

    /// A sealed word with every byte set, stored for the first time, as one transaction.
    function test_storeSealed_costsAtMost130000Gas() public {
        bytes memory data = PrivateCalls.seal(address(diary), abi.encode(7), user, LABEL);
        assertEq(data.length, 96, "length");
        for (uint256 i = 12; i < 96; ++i) {
            data[i] = 0xff;
        }
        bytes memory call = abi.encodeCall(diary.write, (LABEL, data));
        uint256 gas = 21_000 + 16 * call.length;
        uint256 before = gasleft();
        (bool ok,) = address(diary).call(call);
        gas += before - gasleft();
        assertTrue(ok, "stored");
        assertTrue(gas <= 130_000, "gas");
    }

    /* THE DAPP'S OWN STATE */

    function test_state_isWhatTheLastTaskMadeOfIt() public {
        PrivateCalls.install();
        _count();
        _count();
        (,, uint256 count) = diary.count();
        assertEq(count, 3, "count");
    }

    function test_S27_replaceState_revertsWhen_anotherTaskWasFaster() public {
        PrivateCalls.install();
        (bytes32 before, bytes memory state,) = diary.count();
        _count();
        bytes32 found = keccak256(diary.sealedData(address(diary), "count"));
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.StateChanged.selector, found, before));
        vm.prank(address(enigma));
        diary.counted(before, state, 1);
    }

    /* HELPERS */

    function _count() private {
        (bytes32 before, bytes memory state, uint256 count) = diary.count();
        vm.prank(address(enigma));
        diary.counted(before, state, count);
    }

    /// @dev What Solidity keeps in these slots: twice the length and one, and the bytes.
    function _loaded(PrefetchRange memory length, PrefetchRange memory data)
        private
        view
        returns (bytes memory loaded)
    {
        assertEq(length.account, address(diary), "account");
        assertEq(data.account, address(diary), "account");
        assertEq(length.count, 1, "one slot");
        assertEq(uint256(vm.load(address(diary), bytes32(length.firstSlot))), 2 * 32 * data.count + 1, "length");
        for (uint256 i; i < data.count; ++i) {
            loaded = bytes.concat(loaded, vm.load(address(diary), bytes32(data.firstSlot + i)));
        }
    }

    function _refuses(bytes memory data) private {
        vm.expectRevert(abi.encodeWithSelector(EnigmaDapp.NotSealed.selector, data.length));
        diary.write(LABEL, data);
    }

    function _reserved(bytes memory name) private pure returns (address) {
        return address(uint160(uint256(keccak256(name))));
    }

    /// @dev Code that reverts with `reason`: PUSH1 length, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, REVERT, STOP, reason.
    function _reverting(bytes memory reason) private pure returns (bytes memory) {
        return abi.encodePacked(hex"60", uint8(reason.length), hex"80600b5f395ffd0000", reason);
    }
}

contract Diary is EnigmaDapp {
    constructor(IEnigma enigma) EnigmaDapp(enigma) {}

    function write(bytes32 label, bytes calldata data) external {
        _storeSealed(label, data);
    }

    function writeWord(bytes32 label, bytes calldata data) external {
        _storeSealedWord(label, data);
    }

    function wordsOf(address[] calldata owners, bytes32 label) external view returns (PrefetchRange[] memory) {
        return _sealedWords(owners, label);
    }

    function wordsOf(address owner, bytes32[] calldata labels) external view returns (PrefetchRange[] memory) {
        return _sealedWords(owner, labels);
    }

    function read(address owner, bytes32 label) external view returns (bytes memory) {
        return Private.open(sealedData(owner, label), owner, label);
    }

    function open(bytes calldata data, address owner, bytes32 label) external view returns (bytes memory) {
        return Private.open(data, owner, label);
    }

    function tryOpen(bytes calldata data, address owner, bytes32 label) external view returns (bool, bytes memory) {
        return Private.tryOpen(data, owner, label);
    }

    function seal(bytes calldata plaintext, address owner, bytes32 label) external view returns (bytes memory) {
        return Private.seal(plaintext, owner, label);
    }

    function sealTo(bytes32 publicKey, bytes calldata plaintext) external view returns (bytes memory) {
        return Private.sealTo(publicKey, plaintext);
    }

    function trySealTo(bytes32 publicKey, bytes calldata plaintext) external view returns (bool, bytes memory) {
        return Private.trySealTo(publicKey, plaintext);
    }

    function random() external view returns (bytes32) {
        return Private.random();
    }

    function count() external view returns (bytes32, bytes memory, uint256) {
        (bytes memory state, bytes32 before) = _openState("count");
        uint256 next = state.length == 0 ? 1 : abi.decode(state, (uint256)) + 1;
        return (before, Private.seal(abi.encode(next), address(this), "count"), next);
    }

    function counted(bytes32 before, bytes calldata state, uint256) external onlyEnigma {
        _replaceState("count", before, state);
    }

    function enigmaCallback(bytes4 callable) public pure override returns (bytes4) {
        return callable == this.count.selector ? this.counted.selector : bytes4(0);
    }
}
