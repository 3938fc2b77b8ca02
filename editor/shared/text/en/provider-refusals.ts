/** English: what somebody is told whom a provider has sent back, by the code in the address. German stands with the refusals of the server. */
export const providerRefusals = {
  'provider-not-found': 'This way of signing in is not there any more. Choose another.',
  'provider-away':
    'The provider cannot be reached at the moment. Try again in a minute; if it lasts, tell an administrator, who can always sign in with a password.',
  'provider-misset':
    'The provider and this server do not understand each other. An administrator has to look at the settings of this sign-in; the audit log says more.',
  'provider-refused':
    'The provider did not let you in: it was broken off there, or your account there is locked, expired, or needs a new password. Put that right there, then try again.',
  'sign-in-stale': 'This sign-in is over: it took too long, was used already, or began in another browser. Begin again.',
  'sign-in-unproven':
    'What came back from the provider did not prove who you are, so nobody was signed in. Begin again; if it happens again, tell an administrator.',
  'claims-missing':
    'The provider did not say enough about you: your user name or your groups are missing. An administrator has to look at the settings of this sign-in.',
  'no-role': 'You are known, but none of your groups has a role here. Ask an administrator to be put into one of them.',
  'name-taken':
    'Your user name belongs to somebody here already. If that is you, sign in with your password now, and both become one; else ask an administrator.',
  'not-let-in': 'You are known, but nobody has let you in here yet. An administrator sees that you wait.',
  'account-disabled': 'This account is switched off. Ask an administrator.',
  'too-many-requests': 'Too many tries. Wait a minute, then try again.',
} as const
