// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Tells what a call costs to the unit of gas, so that engines can be held to the same figure.
contract Meter {
    function measure(address target, bytes calldata data) external returns (uint256 gasUsed, bytes32 outputHash) {
        uint256 before = gasleft();
        (bool success, bytes memory output) = target.call(data);
        gasUsed = before - gasleft();
        require(success);
        outputHash = keccak256(output);
    }
}

contract Nothing {
    function nothing() external pure {}
}

contract Arithmetic {
    /// As a dApp's author writes it: every step checked.
    function checkedSteps(uint256 count) external pure returns (uint256 x) {
        uint256 modulus = 2 ** 191 - 19;
        x = 88_172_645_463_325_252;
        for (uint256 i = 0; i < count; i++) {
            x = (x * 2_862_933_555_777_941_757 + 3_037_000_493 + i) % modulus;
        }
    }

    /// Operands of full width.
    function wideSteps(uint256 count) external pure returns (uint256 x) {
        uint256 field =
            21_888_242_871_839_275_222_246_405_745_257_275_088_696_311_157_297_823_662_689_037_894_645_226_208_583;
        x = uint256(keccak256("wide"));
        unchecked {
            for (uint256 i = 0; i < count; i++) {
                x = mulmod(x, x, field);
                x = addmod(x, i, field);
                x = (x * 5) ^ (x >> 9);
                x = x / (i + 3) + x;
            }
        }
    }
}

contract Hashing {
    function keccakChain(uint256 count) external pure returns (bytes32 hash) {
        for (uint256 i = 0; i < count; i++) {
            hash = keccak256(abi.encodePacked(hash, i));
        }
    }

    function sha256Chain(uint256 count) external pure returns (bytes32 hash) {
        for (uint256 i = 0; i < count; i++) {
            hash = sha256(abi.encodePacked(hash, i));
        }
    }

    function recover(uint256 count, bytes32 hash, uint8 v, bytes32 r, bytes32 s)
        external
        pure
        returns (address signer)
    {
        for (uint256 i = 0; i < count; i++) {
            signer = ecrecover(hash, v, r, s);
        }
    }
}

/// Sealed bids: the highest wins and pays the second price.
contract Auction {
    function close(uint256 count, uint256 seed) external pure returns (uint256 winning, uint256 price) {
        uint256[] memory bids = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            unchecked {
                seed = seed * 2_862_933_555_777_941_757 + 3_037_000_493;
            }
            bids[i] = (seed >> 40) % 1e9;
        }
        _sort(bids, 0, int256(count) - 1);
        winning = bids[count - 1];
        price = bids[count - 2];
    }

    function _sort(uint256[] memory bids, int256 from, int256 to) private pure {
        int256 low = from;
        int256 high = to;
        uint256 pivot = bids[uint256(from + (to - from) / 2)];
        while (low <= high) {
            while (bids[uint256(low)] < pivot) low++;
            while (bids[uint256(high)] > pivot) high--;
            if (low <= high) {
                (bids[uint256(low)], bids[uint256(high)]) = (bids[uint256(high)], bids[uint256(low)]);
                low++;
                high--;
            }
        }
        if (from < high) _sort(bids, from, high);
        if (low < to) _sort(bids, low, to);
    }
}

contract Millionaires {
    function richest(uint256 rounds, address[] memory people, uint256[] memory wealth)
        external
        pure
        returns (address person, uint256 most)
    {
        for (uint256 round = 0; round < rounds; round++) {
            wealth[round % wealth.length] += round;
            (person, most) = _richest(people, wealth);
        }
    }

    function _richest(address[] memory people, uint256[] memory wealth)
        private
        pure
        returns (address person, uint256 most)
    {
        require(people.length == wealth.length, "one figure each");
        for (uint256 i = 0; i < people.length; i++) {
            if (wealth[i] > most) {
                most = wealth[i];
                person = people[i];
            }
        }
    }
}

contract Coding {
    struct Order {
        address owner;
        uint256 amount;
        uint64 expiry;
        bytes32 salt;
    }

    function numbers(uint256 rounds, uint256 count) external pure returns (bytes32 hash) {
        uint256[] memory list = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = i * i * i;
        }
        bytes memory coded;
        for (uint256 round = 0; round < rounds; round++) {
            coded = abi.encode(list);
            list = abi.decode(coded, (uint256[]));
        }
        hash = keccak256(coded);
    }

    function orders(uint256 rounds, uint256 count) external pure returns (bytes32 hash) {
        Order[] memory list = new Order[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = Order(address(uint160(i + 7)), i ** 9, uint64(1e9 + i), bytes32(i * i));
        }
        bytes memory coded;
        for (uint256 round = 0; round < rounds; round++) {
            list[round % count].amount += 1;
            coded = abi.encode(list);
            list = abi.decode(coded, (Order[]));
        }
        hash = keccak256(coded);
    }
}

/// Square matrices of fixed-point numbers with 18 decimals.
contract Matrices {
    function product(uint256 size, uint256 rounds) external pure returns (int256 trace) {
        int256[] memory a = new int256[](size * size);
        int256[] memory b = new int256[](size * size);
        for (uint256 i = 0; i < size * size; i++) {
            a[i] = int256(i % 19) * 1e17 - 9e17;
            b[i] = int256(i % 11) * 2e17 - 1e18;
        }
        for (uint256 round = 0; round < rounds; round++) {
            a = _product(a, b, size);
        }
        for (uint256 i = 0; i < size; i++) {
            trace += a[i * size + i];
        }
    }

    function _product(int256[] memory a, int256[] memory b, uint256 size) private pure returns (int256[] memory c) {
        c = new int256[](size * size);
        for (uint256 row = 0; row < size; row++) {
            for (uint256 column = 0; column < size; column++) {
                int256 sum = 0;
                for (uint256 i = 0; i < size; i++) {
                    sum += (a[row * size + i] * b[i * size + column]) / 1e18;
                }
                c[row * size + column] = sum;
            }
        }
    }
}

contract Token {
    mapping(address owner => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function pay(uint256 count, uint256 people) external returns (uint256) {
        balanceOf[msg.sender] += 1e30;
        for (uint256 i = 0; i < count; i++) {
            transfer(address(uint160(0x10000 + (i % people))), 1e18 + i);
        }
        return balanceOf[address(0x10001)];
    }

    function transfer(address to, uint256 value) public returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

contract Calls {
    function sum(uint256 count) external view returns (uint256 total) {
        for (uint256 i = 0; i < count; i++) {
            total += this.leaf(i);
        }
    }

    function leaf(uint256 x) external pure returns (uint256) {
        return x * 3 + 1;
    }
}
