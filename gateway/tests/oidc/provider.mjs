// A certified OpenID provider (npm's oidc-provider) for tests, alone on a port of this machine.
// Reads {modules, port, clients, accounts} as JSON from standard input; answers with its address in one line.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { modules, port, clients, accounts } = JSON.parse(Buffer.concat(chunks));
const { Provider } = await import(pathToFileURL(createRequire(modules).resolve('oidc-provider')));

const key = (kind, options, more) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more,
});
const kid = `key-${Date.now()}`;
const jwks = { keys: [
  key('rsa', { modulusLength: 2048 }, { kid: `${kid}-rsa` }),
  key('ec', { namedCurve: 'P-256' }, { kid: `${kid}-ec`, alg: 'ES256' }),
  key('ed25519', {}, { kid: `${kid}-ed`, alg: 'EdDSA' }),
] };

// Whom the next interaction signs in, or with which error it ends.
let who = Object.keys(accounts)[0];

const server = createServer();
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients, jwks,
  claims: { openid: ['sub', 'sid'], profile: ['name'], work: ['groups', 'employee_id', 'email'] },
  scopes: ['openid', 'profile', 'work'],
  conformIdTokenClaims: clients.some((each) => each.client_id === 'by-userinfo'),
  cookies: { keys: ['for tests only'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // Its own protection against addresses of this machine would keep it from telling the gateway.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts[sub] }) }),
});

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith('/become/')) {
    who = decodeURIComponent(ctx.path.slice('/become/'.length));
    ctx.body = who;
    return;
  }
  if (!ctx.path.startsWith('/interaction/')) {
    await next();
    return;
  }
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (!accounts[who]) {
    await provider.interactionFinished(ctx.req, ctx.res, { error: who, error_description: 'Secret <words> of the provider' });
    ctx.respond = false;
    return;
  }
  const result = { login: { accountId: who } };
  if (details.prompt.name === 'consent') {
    const grant = details.grantId
      ? await provider.Grant.find(details.grantId)
      : new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope(details.params.scope);
    result.consent = { grantId: await grant.save() };
    delete result.login;
  }
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  ctx.respond = false;
});

server.on('request', provider.callback());
console.log(issuer);
