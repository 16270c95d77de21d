// Written by `mesadepartes operations` from web/operations/*.graphql; change those.
export { Greeting, Sessions, SecurityCheck, SecurityCode, SignIn, PassSecondFactor, SignOut } from './api.gen.js';
