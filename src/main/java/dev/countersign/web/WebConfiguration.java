package dev.countersign.web;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The Spring Security chain and MVC. Spring writes headers and compares CSRF tokens; who may do what is decided by
 * {@link AccessInterceptor} and the policy.
 */
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {
    private static final String PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(),"
            + " publickey-credentials-get=(self), publickey-credentials-create=(self)";

    private final AccessInterceptor access;
    private final String files;

    WebConfiguration(AccessInterceptor access, @Value("${countersign.static:classpath:/static}") String files) {
        this.access = access;
        this.files = files.endsWith("/") ? files : files + "/";
    }

    @Bean
    SecurityFilterChain restChain(HttpSecurity http) throws Exception {
        common(http).securityMatcher("/api/**").csrf(AbstractHttpConfigurer::disable);
        return http.build();
    }

    @Bean
    SecurityFilterChain pageChain(HttpSecurity http) throws Exception {
        CookieCsrfTokenRepository tokens = new CookieCsrfTokenRepository();
        tokens.setCookieName("__Host-countersign-csrf");
        tokens.setCookieCustomizer(
                cookie -> cookie.secure(true).httpOnly(true).sameSite("Strict").path("/"));
        common(http).csrf(csrf -> csrf.csrfTokenRepository(tokens));
        return http.build();
    }

    private static HttpSecurity common(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .headers(WebConfiguration::headers);
    }

    /** What no page or script sends is refused before it is looked at: some databases do not even store it. */
    @Bean
    static HttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setAllowedParameterValues(value ->
                value.chars().allMatch(c -> !Character.isISOControl(c) || "\t\r\n".indexOf(c) >= 0));
        return firewall;
    }

    /** Those that depend on Spring; {@link EntranceFilter} sets the others. */
    private static void headers(HeadersConfigurer<HttpSecurity> headers) {
        headers.referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
                .permissionsPolicyHeader(policy -> policy.policy(PERMISSIONS))
                .crossOriginOpenerPolicy(policy -> policy.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                .crossOriginResourcePolicy(policy -> policy.policy(CrossOriginResourcePolicy.SAME_ORIGIN))
                .httpStrictTransportSecurity(hsts -> hsts.requestMatcher(request -> RequestFacts.find(request)
                                .filter(RequestFacts::secure)
                                .isPresent())
                        .includeSubDomains(false));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(access);
    }

    /** Browsers ask each time whether a file has changed, and get 304 when it has not. */
    private static void serve(ResourceHandlerRegistry registry, String path, String location) {
        registry.addResourceHandler(path).addResourceLocations(location).setCacheControl(CacheControl.noCache());
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        serve(registry, "/css/**", files + "css/");
        serve(registry, "/js/**", files + "js/");
        serve(registry, "/companion/**", files + "companion/");
        serve(registry, "/favicon.svg", files);
        serve(registry, "/robots.txt", files);
    }
}
