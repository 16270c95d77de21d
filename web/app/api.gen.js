// Written by `mesadepartes operations` from web/operations/*.graphql; change those.
export const StatusChanges = { name: 'StatusChanges', kind: 'subscription', id: 'f535c6f283065253d316a94ae98df1557cf7d5dd7dcc1f4f204a583d06437cc2' };
export const OpeningHours = { name: 'OpeningHours', kind: 'query', id: '3e369df4acc2c4f20fe97c46f243c4d3bb6d72898320046732cc75db707c704e' };
export const Greeting = { name: 'Greeting', kind: 'query', id: '8109b403726eded3676f78b3ce73bd0cbba3e8735b418b2155146cff708fbbc4' };
export const SecurityCheck = { name: 'SecurityCheck', kind: 'query', id: 'e15497af5385ee0da7e8e6bfb82dd5600611e3f3395a01b30e6098da0d42e7f6' };
export const SecurityCode = { name: 'SecurityCode', kind: 'query', id: '27c68c726c3ce8b88d889dcf8701ecae3b40672302a208d6e5a65ce754a1eb7a' };
export const SignIn = { name: 'SignIn', kind: 'mutation', id: 'a0b4d3a00e362baad1739d76efda770b3ad1fb61fdada1785cf61afc47c8904b' };
export const PassSecondFactor = { name: 'PassSecondFactor', kind: 'mutation', id: '323e6a5d9396c3698cd6b7f703cf584f3460deb66b2e4badd39b4096fed659b3' };
export const SignOut = { name: 'SignOut', kind: 'mutation', id: 'd639a4e8424f00a8d5343982115fc485a4314e38822e4fdf967c34a11cdcca34' };
export const OpenUpload = { name: 'OpenUpload', kind: 'mutation', id: '9b669e0d66bf5fdcaf6edfcef22e53faec601dfe757a099e8aff1b5a523bd935' };
export const FileLimits = { name: 'FileLimits', kind: 'query', id: 'bb1d84c317bfab9e5900dba9b90b0b5970c5de0293f28c457a9016a23fba9cf8' };
