import client.ApiClient;
import client.ApiException;
import client.api.SessionApi;
import client.api.SignInApi;
import client.model.Begin;
import client.model.Reply;
import client.model.State;
import java.util.Scanner;

/** Signs in with the generated client. Arguments: address, user name, password, code of the app. */
public final class SignsIn {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        String[] token = {""};
        client.setRequestInterceptor(request -> {
            if (!token[0].isEmpty()) {
                request.setHeader("Authorization", "Bearer " + token[0]);
            }
        });
        SignInApi signIns = new SignInApi(client);
        try {
            signIns.beginSignIn(new Begin().username(arguments[1]).password("wrong"), null);
        } catch (ApiException refused) {
            System.out.println("refused " + refused.getCode() + " " + refused.getResponseBody().contains("sign-in-failed"));
        }
        State state = signIns.beginSignIn(new Begin().username(arguments[1]).password(arguments[2]), null);
        token[0] = state.getToken();
        state = signIns.answerSignIn(state.getId(), new Reply().factor("totp").code(arguments[3]), "once-1");
        token[0] = state.getSession().getToken();
        System.out.println("signed in as " + new SessionApi(client).getSession().getUsername());
    }
}
