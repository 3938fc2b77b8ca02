/** For tests: an https server on the loopback, with a certificate for `localhost` that nobody else trusts. */
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFph7ZG1StP/wsDr
lFvMj2aBlJ1tVwcweftAaI6vnIPjCZLdmRcn87yQbM1vu0qC77g4iVLooegU9Pwb
qvFc3BmjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBSK1P9nvLGY1xRGNso+q/CoZc87ojAKBggqhkjOPQQD
AgNJADBGAiEAm27M8d8GZ8Tm/XKM6B328UocEbBkgln3My6CRyIadzYCIQCxvTe0
PZLqEc7hNRsxDBCl2zJAfKAqWkziZJyLpsxrpw==
-----END CERTIFICATE-----
`
/** Of the certificate above: opens nothing but servers of tests. */
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNzyJ9xQUWwVkpZSE
rkMpcVNnSTi9qsrQbmlS6uKW7cWhRANCAARaYe2RtUrT/8LA65RbzI9mgZSdbVcH
MHn7QGiOr5yD4wmS3ZkXJ/O8kGzNb7tKgu+4OIlS6KHoFPT8G6rxXNwZ
-----END PRIVATE KEY-----
`

export async function httpsServer(answer: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer({ key: KEY, cert: CERTIFICATE }, answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}
