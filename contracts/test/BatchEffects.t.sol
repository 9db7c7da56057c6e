// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskRequest} from "../src/interfaces/IEnigmaTasks.sol";
import {packTarget, Task, TaskTarget} from "../src/types/Task.sol";
import {PlainDapp, HostileDapp, Mischief} from "./support/Dapps.sol";
import {BatchWorld, Part} from "./support/BatchWorld.sol";
import {Vm, vm} from "./support/Vm.sol";

/// Many at once do what each alone does: every word of storage, every balance and every event is compared.
contract BatchEffectsTest is BatchWorld {
    uint32 private constant TASKS = 24;
    uint16 private constant LANES = 4;
    uint256 private constant MOST_PLACES = 256;

    /// A word of storage that a run wrote.
    struct Place {
        address account;
        bytes32 slot;
    }

    PlainDapp private _second;
    HostileDapp private _burner;
    Part[] private _parts;

    /// Lanes, dApps, blocks, ranks, endings and callbacks of all kinds, on one seat.
    function setUp() public override {
        super.setUp();
        (_second, _burner) = (new PlainDapp(), new HostileDapp(enigma));
        hostile.plan(Mischief.RevertWithMegabyte);
        _burner.plan(Mischief.BurnGas);
        address[4] memory dApps = [address(dapp), address(hostile), address(_second), address(_burner)];
        for (uint256 i; i < dApps.length; ++i) {
            vm.prank(dApps[i]);
            enigma.setLanes(LANES);
        }
        startEpoch(4);
        for (uint32 i; i < TASKS; ++i) {
            if (i % 8 == 7) skipBlocks(1);
            address by = i % 2 == 0 ? user : operator;
            _plan(request(by, i, packTarget(dApps[i % 4], 0x01020304, 150_000, 64, 4), 1e9, 1e9 + i));
        }
        skipBlocks(4);
        assertTrue(_parts.length > 5, "parts");
    }

    /// @dev Those of the first seat, as rank 0 or 1.
    function _plan(Task memory task) private {
        for (uint8 rank; rank < 2; ++rank) {
            if (selectedSeat(task, rank) != 0) continue;
            uint8 status = uint8(_parts.length % 3);
            bytes memory output = _parts.length % 5 == 0 ? bytes("") : abi.encode(_parts.length);
            _parts.push(Part(task, rank, status, output));
        }
    }

    function test_S22_settleBatch_doesWhatSettlingEachDoes() public {
        uint256 before = vm.snapshotState();
        (Place[] memory singly, Vm.Log[] memory logs) = _run(false);
        vm.revertToState(before);
        (Place[] memory together, Vm.Log[] memory logsTogether) = _run(true);
        Place[] memory places = _joined(singly, together);
        bytes32[] memory found = _values(places);
        (uint256 held, uint256 slots) = (address(enigma).balance, singly.length);
        vm.revertToState(before);
        _run(false);
        bytes32[] memory expected = _values(places);

        for (uint256 i; i < places.length; ++i) {
            assertEq(found[i], expected[i], "word");
        }
        assertTrue(slots >= _parts.length + 1, "each slot, and the seat");
        assertEq(held, address(enigma).balance, "balance");
        _assertSameLogs(logsTogether, logs);
    }

    /// State is the dearest thing on a chain: a task that has run in a slot before makes none.
    function test_settleBatch_makesNoNewStorage() public {
        (bytes32 r, bytes32 vs) = signedBatch(_parts);
        (bytes memory members, uint256 count) = (packed(_parts), _parts.length);
        vm.startStateDiffRecording();
        enigma.settleBatch(0, count, members, r, vs);
        assertEq(created(vm.stopAndReturnStateDiff()), 0, "words that were zero before and are not after");
    }

    function test_S22_requestTasks_doesWhatRequestingEachDoes_andMakesNoNewStorageInUsedSlots() public {
        TaskRequest[] memory requests = new TaskRequest[](8);
        uint256 sum;
        for (uint32 i; i < requests.length; ++i) {
            TaskTarget to = packTarget(i % 2 == 0 ? address(dapp) : address(_second), 0x01020304, 150_000, 64, 4);
            uint32 slot = 100 + i;
            vm.prank(user);
            enigma.fundSlot{value: 1 gwei}(slot);
            uint256 lane = enigma.laneOf(user, slot, 0, to.dApp(), 4);
            requests[i] = TaskRequest(slot, 1e9, 1e9 + i, 4, uint16(lane), to, abi.encodePacked(INPUTS, i));
            sum += 1e9 + i;
        }
        uint256 before = vm.snapshotState();
        (Place[] memory places, Vm.Log[] memory logs) = _request(requests, sum, false);
        bytes32[] memory expected = _values(places);
        uint256 held = address(enigma).balance;
        vm.revertToState(before);
        (Place[] memory together, Vm.Log[] memory logsTogether) = _request(requests, sum, true);
        assertEq(together.length, places.length, "as many words");
        bytes32[] memory found = _values(places);
        for (uint256 i; i < places.length; ++i) {
            assertEq(found[i], expected[i], "word");
        }
        assertEq(address(enigma).balance, held, "balance");
        _assertSameLogs(logsTogether, logs);
    }

    /* HELPERS */

    function _request(TaskRequest[] memory requests, uint256 sum, bool together)
        private
        returns (Place[] memory, Vm.Log[] memory)
    {
        vm.recordLogs();
        vm.startStateDiffRecording();
        vm.startPrank(user);
        if (together) {
            enigma.requestTasks{value: sum * 1 gwei}(requests);
        } else {
            for (uint256 i; i < requests.length; ++i) {
                TaskRequest memory q = requests[i];
                enigma.requestTask{value: uint256(q.valueGwei) * 1 gwei}(
                    q.slot, q.target, q.feeGwei, q.epoch, q.lane, q.inputs
                );
            }
        }
        vm.stopPrank();
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        assertEq(created(accesses), 0, "words that were zero before and are not after");
        return (_written(accesses), vm.getRecordedLogs());
    }

    function _run(bool together) private returns (Place[] memory, Vm.Log[] memory) {
        (bytes32 r, bytes32 vs) = signedBatch(_parts);
        (bytes memory members, uint256 count) = (packed(_parts), _parts.length);
        vm.recordLogs();
        vm.startStateDiffRecording();
        if (together) {
            enigma.settleBatch(0, count, members, r, vs);
        } else {
            for (uint256 i; i < count; ++i) {
                Part memory p = _parts[i];
                settle(p.task, p.rank, p.status, p.output);
            }
        }
        return (_written(vm.stopAndReturnStateDiff()), vm.getRecordedLogs());
    }

    function _written(Vm.AccountAccess[] memory accesses) private pure returns (Place[] memory places) {
        places = new Place[](MOST_PLACES);
        uint256 count;
        for (uint256 i; i < accesses.length; ++i) {
            Vm.StorageAccess[] memory storages = accesses[i].storageAccesses;
            for (uint256 j; j < storages.length; ++j) {
                if (!storages[j].isWrite || storages[j].reverted) continue;
                count = _add(places, count, Place(storages[j].account, storages[j].slot));
            }
        }
        _shorten(places, count);
    }

    function _joined(Place[] memory first, Place[] memory second) private pure returns (Place[] memory all) {
        all = new Place[](first.length + second.length);
        uint256 count;
        for (uint256 i; i < all.length; ++i) {
            count = _add(all, count, i < first.length ? first[i] : second[i - first.length]);
        }
        _shorten(all, count);
    }

    function _add(Place[] memory places, uint256 count, Place memory place) private pure returns (uint256) {
        for (uint256 i; i < count; ++i) {
            if (places[i].account == place.account && places[i].slot == place.slot) return count;
        }
        places[count] = place;
        return count + 1;
    }

    function _shorten(Place[] memory places, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore(places, count)
        }
    }

    function _values(Place[] memory places) private view returns (bytes32[] memory values) {
        values = new bytes32[](places.length);
        for (uint256 i; i < places.length; ++i) {
            values[i] = vm.load(places[i].account, places[i].slot);
        }
    }

    function _assertSameLogs(Vm.Log[] memory found, Vm.Log[] memory expected) private pure {
        assertEq(found.length, expected.length, "logs");
        for (uint256 i; i < found.length; ++i) {
            assertEq(found[i].emitter, expected[i].emitter, "emitter");
            assertEq(abi.encode(found[i].topics), abi.encode(expected[i].topics), "topics");
            assertEq(found[i].data, expected[i].data, "data");
        }
    }
}
