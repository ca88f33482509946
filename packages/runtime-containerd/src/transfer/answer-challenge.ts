import { packAny, unpackAny } from "@voiyd/containerd-client";
import {
  AuthRequestSchema,
  AuthResponseSchema,
  AuthType,
} from "@voiyd/containerd-client/api/containerd/types/transfer/registry";
import { credentialKey, type CredentialProvider } from "@voiyd/oci-registry";
import type { Any } from "./daemon-stream.js";

/** Answers the daemon when a registry wants to know who asks. The secret goes to the daemon, and nowhere else. */
export async function answerChallenge(
  credentials: CredentialProvider,
  message: Any,
  options: { signal?: AbortSignal },
): Promise<Any | undefined> {
  const request = unpackAny(AuthRequestSchema, message);
  if (request === undefined) return undefined;
  const found = await credentials(credentialKey(request.host), options);
  switch (found?.kind) {
    case undefined:
      return packAny(AuthResponseSchema, { authType: AuthType.NONE });
    case "password":
      return packAny(AuthResponseSchema, {
        authType: AuthType.CREDENTIALS,
        username: found.username,
        secret: found.password,
      });
    case "identity-token":
      return packAny(AuthResponseSchema, { authType: AuthType.REFRESH, secret: found.token });
    case "registry-token":
      return packAny(AuthResponseSchema, { authType: AuthType.HEADER, secret: `Bearer ${found.token}` });
  }
}
