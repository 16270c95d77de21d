// Written by `mesadepartes operations` from web/operations/*.graphql; change those.
export const Greeting = { name: 'Greeting', kind: 'query', id: '494c4ec427dca014b89bbddd29d068e7d3e4446ff884e02eeb499371569df0c0' };
export const Sessions = { name: 'Sessions', kind: 'query', id: 'a0bec67d06f1fdda1d307765d0a6b9ffe1ee7af7284aaeda10a057a09247ca31' };
export const SecurityCheck = { name: 'SecurityCheck', kind: 'query', id: 'e15497af5385ee0da7e8e6bfb82dd5600611e3f3395a01b30e6098da0d42e7f6' };
export const SecurityCode = { name: 'SecurityCode', kind: 'query', id: '27c68c726c3ce8b88d889dcf8701ecae3b40672302a208d6e5a65ce754a1eb7a' };
export const SignIn = { name: 'SignIn', kind: 'mutation', id: 'b17099e224033c5b8a87ce8b108008c81e7f7c806c2c92a0167c28c597aa8fe5' };
export const PassSecondFactor = { name: 'PassSecondFactor', kind: 'mutation', id: '4849d6ae7178175b374ec8aae511f88d7131074908bc9f2f05e9ae5e39d18971' };
export const SignOut = { name: 'SignOut', kind: 'mutation', id: 'd639a4e8424f00a8d5343982115fc485a4314e38822e4fdf967c34a11cdcca34' };
