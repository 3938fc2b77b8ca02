/** The page on which a device learns to trust the server. */
export const trust = {
  title: 'Trust this server',
  intro:
    'This server speaks HTTPS with a certificate that it made itself. So that browsers on this device take it, install its certificate authority once. It stays valid when the server gets a new address.',
  device: 'This device',
  platforms: { android: 'Android', apple: 'iPad or iPhone', windows: 'Windows', mac: 'Mac', linux: 'Linux' },
  download: 'Get the certificate authority',
  steps: {
    android: [
      'Get the file with the button above.',
      'Open Settings, then Security, Encryption & credentials, Install a certificate, CA certificate. (On some devices: search the settings for “CA certificate”.)',
      'Confirm with “Install anyway”, and choose the file in Downloads.',
    ],
    apple: [
      'Get the file with the button above and allow the download of the profile.',
      'Open Settings: “Profile Downloaded” stands at the top. Install it.',
      'Open Settings, General, About, Certificate Trust Settings, and switch on full trust for the Cellwright authority.',
    ],
    windows: [
      'Get the file with the button above and open it.',
      '“Install certificate”, then “Local machine” (for all users) or “Current user”.',
      '“Place all certificates in the following store”, and choose “Trusted Root Certification Authorities”. Start the browser anew.',
    ],
    mac: [
      'Get the file with the button above and open it: Keychain Access takes it into “login” or “System”.',
      'Open it there, unfold “Trust”, and set “When using this certificate” to “Always Trust”.',
    ],
    linux: [
      'Get the file with the button above.',
      'Debian, Ubuntu: copy it to /usr/local/share/ca-certificates/ with the ending .crt, and run sudo update-ca-certificates.',
      'Chrome and Firefox have lists of their own: Settings, Certificates, Authorities, Import, and trust it for websites.',
    ],
  },
  compare:
    'Before you trust it: these SHA-256 digits must be those that Cellwright printed when it started. If one differs, somebody stands between you and the server.',
  of: (name: string, until: string) => `${name}, valid until ${until}.`,
  check: 'It is installed: check',
  names: 'The server’s certificate is for',
  anyway: 'Go on without (the browser warns)',
  trusted: 'This device trusts this server.',
  go: 'Go to Cellwright',
  install: {
    title: 'Install it as an app',
    panel: 'Open the operator panel',
    how: {
      android: 'Open the panel, then the menu ⋮ of Chrome, “Add to home screen”, “Install”.',
      apple: 'Open the panel in Safari, then “Share”, “Add to Home Screen”.',
      windows: 'Open the panel in Edge or Chrome, then the sign with a plus in the address bar, “Install”.',
      mac: 'Open the panel in Chrome, then the sign with a plus in the address bar; in Safari “File”, “Add to Dock”.',
      linux: 'Open the panel in Chromium or Chrome, then the sign with a plus in the address bar, “Install”.',
    },
  },
  noHttps: 'This server is reached from this computer alone, or by a proxy that speaks HTTPS. There is nothing to install.',
  givenCertificate:
    'The certificate of this server was given by your shop. If a browser warns, install your shop’s own certificate authority; ask whoever runs your network.',
}
